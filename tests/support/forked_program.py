"""Our own programs as forks of one process that has imported them: a start takes half as long.

What such a program does after its imports is what it always does, in a process of its own.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path

_PRELOADED = ["tests.support.preloaded"]


class ForkedProgram:
    """A program in a session of its own, used as a `subprocess.Popen` is.

    Args:
        module: has a `main` that takes the arguments and returns the exit code.
        arguments: of the program.
        environment: all of it.
        log: what it prints is added to this file.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._process = context.Process(
            target=_run, args=(module, list(arguments), dict(environment), str(log))
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def end_forking() -> None:
    """End the process that is forked; multiprocessing itself does so only after pytest has ended.

    These are the ways that Python's own tests take.
    """
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
    util._run_finalizers()  # type: ignore[attr-defined]


def _run(module: str, arguments: list[str], environment: dict[str, str], log: str) -> None:
    """Become the program."""
    os.setsid()
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    gc.freeze()  # as in a process that has only just been started, what is imported is no garbage
    sys.exit(importlib.import_module(module).main(arguments))
