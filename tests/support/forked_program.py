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
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path

_LONGEST_S = 180.0
_PRELOADED = ["tests.support.preloaded"]


class ForkedProgram:
    """A program in a session of its own, used as a `subprocess.Popen` is.

    Args:
        module: has a `main` that takes the arguments and returns the exit code.
        arguments: of the program.
        environment: all of it.
        log: what it prints is added to this file.
        errors: what it prints as errors is added to this one; by default to `log` too.
        given: a file that it reads as its input; by default it has none.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        errors: Path | None = None,
        given: Path = Path(os.devnull),
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        streams = (str(given), str(log), str(errors or log))
        self._process = context.Process(
            target=_run, args=(module, list(arguments), dict(environment), streams)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code; raise TimeoutExpired after so many seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


def end_forking() -> None:
    """End the process that is forked; multiprocessing itself does so only after pytest has ended.

    These are the ways that Python's own tests take.
    """
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
    util._run_finalizers()  # type: ignore[attr-defined]


def run_forked(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as `subprocess.run` does with `capture_output` and `text`."""
    with tempfile.TemporaryDirectory(prefix="pisov-forked-") as folder:
        files = [Path(folder, name) for name in ("in", "out", "errors")]
        files[0].write_text(given, encoding="utf-8")
        program = ForkedProgram(
            module, arguments, environment, files[1], errors=files[2], given=files[0]
        )
        try:
            code = program.wait(_LONGEST_S)
        finally:
            program.kill()
        out, errors = (file.read_bytes().decode() for file in files[1:])
    return subprocess.CompletedProcess([module, *arguments], code, out, errors)


def _run(
    module: str, arguments: list[str], environment: dict[str, str], streams: tuple[str, ...]
) -> None:
    """Become the program."""
    os.setsid()
    for number, (name, mode) in enumerate(zip(streams, ("rb", "ab", "ab"), strict=True)):
        with Path(name).open(mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin = os.fdopen(0, encoding="utf-8", errors="strict", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [module, *arguments]
    gc.freeze()  # as in a process that has only just been started, what is imported is no garbage
    sys.exit(importlib.import_module(module).main(arguments))
