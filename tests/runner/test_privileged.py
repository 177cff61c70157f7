"""The commands of the appliance: named from a closed list, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.runner import privileged
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.privileged import COMMANDS, name_of
from pisovereign.runner.types import RunRequest, RunResult
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, clean_environment

REBOOT = ("systemctl", "reboot")


@contextlib.contextmanager
def listening(folder: Path, commands: Mapping[str, tuple[str, ...]]) -> Iterator[RunnerClient]:
    """The service's own function behind a real socket, with other commands."""
    path = folder / "privileged.sock"

    def serve_one() -> None:
        connection, _ = listener.accept()
        with connection:
            privileged.serve(connection, commands)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        thread = threading.Thread(target=serve_one)
        thread.start()
        yield RunnerClient(folder / "runner.sock", path)
        thread.join(PATIENCE_S)


def run(client: RunnerClient, *argv: str) -> RunResult:
    return asyncio.run(client.run(RunRequest(argv=argv, privileged=True)))


def test_the_client_names_a_row_and_gets_its_result(data_dir: Path) -> None:
    with listening(data_dir, {"reboot": ("uname", "-s")}) as client:
        result = run(client, *REBOOT)
    assert (result.status, result.exit_code, result.stdout) == ("completed", 0, "Linux\n")


def test_a_failure_is_told(data_dir: Path) -> None:
    with listening(data_dir, {"reboot": ("false",)}) as client:
        assert run(client, *REBOOT).exit_code == 1
    (data_dir / "privileged.sock").unlink()
    with listening(data_dir, {}) as client:
        assert "no such privileged command" in run(client, *REBOOT).stderr


@pytest.mark.parametrize(
    "argv",
    [
        ("systemctl", "poweroff"),
        ("systemctl", "reboot", "--force"),
        ("systemctl", "reboot "),
        ("/usr/bin/systemctl", "reboot"),
        ("sh", "-c", "systemctl reboot"),
        (),
    ],
)
def test_only_the_exact_words_are_known(data_dir: Path, argv: tuple[str, ...]) -> None:
    client = RunnerClient(data_dir / "none", data_dir / "none")
    assert "not one of the privileged" in run(client, *argv).stderr


def test_elsewhere_it_is_refused_politely(data_dir: Path) -> None:
    result = run(RunnerClient(data_dir / "none"), *REBOOT)
    assert (result.status, result.exit_code) == ("failed", None)
    assert "on the appliance only" in result.stderr
    with pytest.raises(ServiceUnavailable):
        run(RunnerClient(data_dir / "none", data_dir / "none"), *REBOOT)


def program(user: str, request: bytes) -> tuple[int, bytes]:
    """The real program with a connection as its standard input, as systemd starts it."""
    here, there = socket.socketpair()
    argv = [sys.executable, "-m", "pisovereign.runner.privileged", f"--allow-user={user}"]
    with here:
        process = subprocess.Popen(argv, stdin=there.fileno(), env=clean_environment({}))
        there.close()
        here.settimeout(PATIENCE_S)
        here.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := here.recv(65536):
                answer += piece
        return process.wait(PATIENCE_S), answer


@pytest.mark.parametrize(
    "request_line",
    [b'{"name": "halt"}\n', b'{"name": "reboot", "argv": ["id"]}\n', b"reboot\n", b"x" * 2000],
)
def test_the_program_executes_nothing_else(request_line: bytes) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    status, answer = program(me, request_line)
    assert status == 0
    lines = [json.loads(line) for line in answer.splitlines()]
    assert [line["exit_code"] for line in lines] in ([], [None])


def test_the_program_serves_one_user_only() -> None:
    other = "nobody" if os.getuid() == 0 else "root"
    assert program(other, b'{"name": "halt"}\n') == (1, b"")


def test_every_privileged_command_of_the_catalog_is_one_of_these(server: Server) -> None:
    rows = server.request("GET", "/v1/commands/catalog", params={"limit": 500}).json()
    dangerous = [row["command"].split(" ") for row in rows if row["risk_level"] == "dangerous"]
    assert len(dangerous) == len(COMMANDS)
    assert {name_of(argv) for argv in dangerous} == set(COMMANDS)
