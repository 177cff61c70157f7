"""The runner that `pisovereign serve` starts."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from pisovereign.errors import ServiceUnavailable
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.types import RunRequest, RunResult
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until


def run(server: Server, *argv: str) -> RunResult:
    client = RunnerClient(server.data_dir / "run" / "runner.sock")
    return asyncio.run(client.run(RunRequest(argv=argv)))


def test_serve_brings_a_runner(server: Server) -> None:
    assert run(server, "uname").stdout == "Linux\n"
    assert (server.data_dir / "run" / "runner.sock").stat().st_mode & 0o777 == 0o600


def test_commands_see_neither_data_nor_settings(server: Server) -> None:
    assert run(server, "ls", "-A", str(server.data_dir)).stdout == ""
    pid = server.child("pisovereign.runner.main")
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"PISOVEREIGN_" not in environment


def test_a_killed_runner_comes_back(server: Server) -> None:
    killed = server.child("pisovereign.runner.main")
    os.kill(killed, signal.SIGKILL)

    def works() -> bool:
        try:
            done = run(server, "true").status == "completed"
        except ServiceUnavailable:
            return False
        return done and server.child("pisovereign.runner.main") != killed

    wait_until(works, PATIENCE_S, "the next runner")
