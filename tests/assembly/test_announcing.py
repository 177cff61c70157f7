"""What can be reached is announced by a real Avahi, and nothing else."""

from __future__ import annotations

import subprocess
from contextlib import suppress

import pytest

from pisovereign.assembly.announcer import OWN, WYOMING
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, free_port, wait_until
from tests.wyoming.conftest import settings


def browse(kind: str) -> list[list[str]]:
    """What Avahi knows of a kind of services; skips where none runs."""
    with suppress(FileNotFoundError, subprocess.TimeoutExpired):
        argv = ["avahi-browse", "--parsable", "--terminate", "--resolve", kind]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode == 0:
            lines = [line.split(";") for line in done.stdout.splitlines()]
            return [line for line in lines if line[0] == "="]
    pytest.skip("no Avahi runs here")


def ports(kind: str) -> set[int]:
    return {int(line[8]) for line in browse(kind)}


def test_a_program_is_found_while_it_runs(server: Server) -> None:
    browse(WYOMING)
    port = free_port()
    everywhere = {"PISOVEREIGN_SERVER__HOST": "0.0.0.0"}
    with ApiProcess(server, **everywhere, **settings(port, host="0.0.0.0")) as api:
        wait_until(lambda: port in ports(WYOMING), 180, "the announcement of voice")
        own = int(api.url.rpartition(":")[2])
        assert own in ports(OWN)
    wait_until(lambda: port not in ports(WYOMING), 180, "the end of the announcement")


def test_two_of_one_name_are_both_found(server: Server) -> None:
    browse(WYOMING)
    first, second = free_port(), free_port()
    with (
        ApiProcess(server, **settings(first, host="0.0.0.0")),
        ApiProcess(server, **settings(second, host="0.0.0.0")),
    ):
        wait_until(lambda: {first, second} <= ports(WYOMING), 180, "both announcements")
