"""Child processes: ones that are restarted, with growing pauses, and programs that run once."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pisovereign.config.loading import PREFIX
from pisovereign.errors import StartError

if TYPE_CHECKING:
    from pisovereign.storage.embedded.server import EmbeddedServer

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STABLE_S = 10.0  # running this long forgives earlier failures
_STOP_S = 5.0  # of a program that was killed
# Without room, memory or time for it; the last two are a new thread's and a program's it needs.
_NOT_STARTED = (StartError, OSError, RuntimeError, subprocess.SubprocessError)

_log = logging.getLogger(__name__)


class Backoff:
    """How long to wait before the next start: not at all, unless runs are short again and again."""

    def __init__(self) -> None:
        self._pause = 0.0

    def next_pause(self, ran_for_s: float) -> float:
        """Return the pause after a run of `ran_for_s` seconds; it grows while runs stay short."""
        if ran_for_s >= STABLE_S:
            self._pause = 0.0
        pause = self._pause
        self._pause = min(max(pause * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        return pause


class Child:
    """A program of ours, run as a child of the supervisor.

    Args:
        name: for the log.
        argv: tells its command line; asked before each start, as what it needs may have changed.
        environment: None: this process's own.
        passed: descriptors that it is given, with the numbers that they have here.
    """

    def __init__(
        self,
        name: str,
        argv: Callable[[], Sequence[str]],
        environment: Mapping[str, str] | None = None,
        passed: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._passed = passed
        self._argv = argv
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._backoff = Backoff()
        self._started = 0.0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._argv(),
            env=self._environment,
            pass_fds=self._passed,
            start_new_session=True,
        )

    def restart_ended(self, now: Callable[[], float] = time.monotonic) -> None:
        """Notice that the process ended and start it again when its pause is over."""
        if self._process is not None and (code := self._process.poll()) is not None:
            pause = self._backoff.next_pause(now() - self._started)
            _log.warning("%s ended with %d; starting it again in %g s", self.name, code, pause)
            self._process, self._not_before = None, now() + pause
        if self._process is None and now() >= self._not_before:
            try:
                self.start()
            except _NOT_STARTED as error:
                pause = self._backoff.next_pause(0.0)
                self._not_before = now() + pause
                _log.error("%s: %s; trying again in %g s", self.name, error, pause)

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_stopped(self, timeout_s: float) -> None:
        """Wait for the end, and enforce it after `timeout_s`."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _log.warning("%s did not stop within %g s; killing it", self.name, timeout_s)
            self._process.kill()
            self._process.wait()


class Postgres:
    """Watches one `EmbeddedServer`."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self._backoff = Backoff()
        self._seen_running = time.monotonic()
        self._not_before: float | None = None

    def restart_ended(self) -> None:
        """Notice that the server ended and start it again when its pause is over."""
        now = time.monotonic()
        if self.server.returncode is None and self._not_before is None:
            return
        if self._not_before is None:
            pause = self._backoff.next_pause(now - self._seen_running)
            self._not_before = now + pause
            _log.warning(
                "postgres ended with %d; starting it again in %g s", self.server.returncode, pause
            )
        if now >= self._not_before:
            self._not_before = None
            self._start()

    def _start(self) -> None:
        try:
            self.server.start()
            self._seen_running = time.monotonic()
        except _NOT_STARTED as error:
            pause = self._backoff.next_pause(0.0)
            self._not_before = time.monotonic() + pause
            _log.error("postgres: %s; trying again in %g s", error, pause)


class ProgramFailed(Exception):
    """A program did not do its work; the text says why."""


def run_program(argv: list[str], limit_s: float) -> bytes:
    """Run a program and return what it prints; it is ended whatever happens here.

    Raises:
        ProgramFailed: it cannot be started, fails, or takes too long.
    """
    # Settings may hold keys; the engine's processes may know none.
    bare = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    name = argv[2].rpartition(".")[2]
    try:
        process = subprocess.Popen(
            argv, env=bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise ProgramFailed(f"{name} cannot be started: {error.strerror}") from None
    try:
        output, complaint = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{name} did not end within {limit_s:g} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(_STOP_S)
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise ProgramFailed(lines[-1] if lines else f"{name} ended with {process.returncode}")
    return output
