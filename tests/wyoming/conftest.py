"""An API that listens for Wyoming on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, Server, free_port, wait_until
from tests.wyoming.client import can_connect


class Voice(NamedTuple):
    """The API, and where it listens; `url` is its HTTP."""

    api: ApiProcess
    port: int


def settings(port: int, allow: str = '["127.0.0.1", "10.0.0.0/8"]', **more: str) -> dict[str, str]:
    """Return the settings of a program that listens."""
    values = {"enabled": "true", "port": str(port), "allow": allow, "user_id": ALICE} | more
    return {f"PISOVEREIGN_WYOMING__{name.upper()}": value for name, value in values.items()}


@pytest.fixture(scope="package")
def voice(server: Server) -> Iterator[Voice]:
    port = free_port()
    more = settings(port, idle_s="4", connections="6")
    more |= {"PISOVEREIGN_SERVER__WORKERS": "2", "PISOVEREIGN_INFERENCE__MAX_TOKENS": "12"}
    with ApiProcess(server, **more) as api:
        wait_until(lambda: can_connect(port), PATIENCE_S, "the door for Wyoming")
        yield Voice(api, port)
