"""The real runner on a socket of its own, and its client."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pisovereign.runner.client import RunnerClient
from pisovereign.runner.types import RunRequest, RunResult
from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment, command_line, wait_until

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
MAIN = "pisovereign.runner.main"
OTHER_USER = 65534


class Runner:
    """`pisovereign-runner` as a child of the tests."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        program: Sequence[str] = (MAIN,),
        below: Sequence[str] = (),
    ) -> None:
        self.socket = folder / "runner.sock"
        self.log_path = folder / "runner.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(*below, sys.executable, "-m", *program),
                    f"--socket={self.socket}",
                    f"--parent-pid={os.getpid()}",
                    *arguments,
                ],
                env=clean_environment({}),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._listens, 60, "the runner's start")

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def run(self, *argv: str, **options: Any) -> RunResult:
        client = RunnerClient(self.socket)
        return asyncio.run(client.run(RunRequest(argv=argv, **options)))

    def python(self, code: str, *arguments: str, **options: Any) -> RunResult:
        """Run a program that misbehaves, written in Python."""
        return self.run(PYTHON, "-I", "-S", "-c", code, *arguments, **options)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)


def marked(mark: str) -> list[int]:
    """The processes, of anybody here, whose command line ends with a mark."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if command_line(pid).strip().endswith(mark)]


def new_mark() -> str:
    """A number of seconds that no other process of this machine sleeps."""
    return str(10_000_000 + secrets.randbelow(90_000_000))


def start(way: str, folder: Path, *arguments: str) -> Runner:
    """A runner that isolates its commands in one way.

    `usual`: as this machine permits. `account`: without a user namespace, as an account that is
    for commands alone. `user`: in a user namespace, by an ordinary user. `without`: by an ordinary
    user on a system that permits no namespaces.
    """
    if way == "account" and os.getuid() != 0:
        pytest.skip("only root can run commands as another account")
    if way in ("usual", "account"):
        return Runner(folder, *arguments, *(["--account=daemon"] if way == "account" else []))
    user = os.getuid()
    if user == 0:
        user = OTHER_USER
        os.chown(folder, user, user)
    program = ["tests.runner.as_user", str(user)]
    if way == "without":
        program.append("--no-namespaces")
    return Runner(folder, *arguments, program=program)


@pytest.fixture(params=["usual", "account", "user", "without"])
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def runner(way: str, data_dir: Path) -> Iterator[Runner]:
    running = start(way, data_dir)
    yield running
    running.stop()
