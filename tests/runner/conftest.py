"""The real runner on a socket of its own, and its client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pisovereign.runner.client import RunnerClient
from pisovereign.runner.types import RunRequest, RunResult
from tests.support.server import clean_environment, wait_until


class Runner:
    """`pisovereign-runner` as a child of the tests."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.socket = folder / "runner.sock"
        self.log_path = folder / "runner.log"
        argv = [sys.executable, "-m", "pisovereign.runner.main", f"--socket={self.socket}"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, f"--parent-pid={os.getpid()}", *arguments],
                env=clean_environment(environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.socket.exists, 20, "the runner's start")

    def run(self, *argv: str, **options: Any) -> RunResult:
        client = RunnerClient(self.socket)
        return asyncio.run(client.run(RunRequest(argv=argv, **options)))

    def python(self, code: str, *arguments: str, **options: Any) -> RunResult:
        """Run a program that misbehaves, written in Python."""
        return self.run(*python(code), *arguments, **options)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def python(code: str) -> list[str]:
    return [PYTHON, "-I", "-S", "-c", code]


PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


@pytest.fixture
def runner(data_dir: Path) -> Iterator[Runner]:
    running = Runner(data_dir)
    yield running
    running.stop()
