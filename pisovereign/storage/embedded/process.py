"""The server process: a direct child that never outlives this process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import Account

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""The environment of PostgreSQL's programs, without PGDATA, PGOPTIONS and the like."""

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT_BYTES = 10_000_000
_FAST, _IMMEDIATE = signal.SIGINT, signal.SIGQUIT
_FAST_LIMIT_S = 30.0
_IMMEDIATE_LIMIT_S = 10.0


def dies_with_parent(name: str) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel send signal `name` when the starting thread ends.

    It runs between fork and exec, after the change of user, so it only calls what was prepared
    here: nothing that could need a lock which another thread held at the fork.
    """
    number = int(signal.Signals[name])
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        # The parent may have ended just before the call above, and then no signal ever comes.
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def rotate_log(log: Path) -> int:
    """Rotate a log of more than 10 MB, and return the size of the current one."""
    try:
        size = log.stat().st_size
    except FileNotFoundError:
        return 0
    if size <= _LOG_LIMIT_BYTES:
        return size
    log.replace(log.with_name(f"{log.name}.1"))
    return 0


def _open_log(log: Path) -> BinaryIO:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    return os.fdopen(descriptor, "ab")


class ServerProcess:
    """One run of the server.

    The kernel ties a child to the thread that started it, so each run has a thread of its own that
    starts the process and waits for its end. The process leads its own session: Ctrl-C at a
    terminal reaches our program alone, which then stops the server after its clients.
    """

    def __init__(self, command: list[str], account: Account, log: Path) -> None:
        self._command = command
        self._account = account
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._error: OSError | None = None
        self._started = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="postgres-parent", daemon=True)

    def start(self) -> None:
        """Start the process; it is not ready for connections yet.

        Raises:
            StartError: the program cannot be run.
        """
        self._log_start = rotate_log(self._log)
        self._thread.start()
        self._started.wait()
        if self._error is not None:
            raise StartError(f"{self._command[0]} cannot be run: {self._error}") from self._error

    @property
    def pid(self) -> int | None:
        """Return the process id of the postmaster, once started."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        """Return how the process ended (negative: by that signal), or None while it runs."""
        return self._process.returncode if self._process and self._ended.is_set() else None

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait up to `timeout` seconds for the end; return None if it still runs."""
        self._ended.wait(timeout)
        return self.returncode

    def stop(self) -> None:
        """Stop the server: cut sessions and write everything out, or kill it after 30 s."""
        for number, limit in ((_FAST, _FAST_LIMIT_S), (_IMMEDIATE, _IMMEDIATE_LIMIT_S)):
            if self._process is None or self._ended.is_set():
                return
            self._process.send_signal(number)
            self._ended.wait(limit)
        if self._process is not None and not self._ended.is_set():
            self._process.kill()
            self._ended.wait(_IMMEDIATE_LIMIT_S)

    def log_tail(self, lines: int = 5) -> str:
        """Return the end of what this run logged, on one line."""
        try:
            with self._log.open("rb") as log:
                log.seek(self._log_start)
                said = log.read().decode(errors="replace").splitlines()
        except OSError:
            said = []
        return " | ".join(line.strip() for line in said[-lines:]) or "it logged nothing"

    def _keep(self) -> None:
        try:
            with _open_log(self._log) as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=ENVIRONMENT,
                    start_new_session=True,
                    umask=0o077,
                    # SIGTERM lets open sessions end, so that the API, which gets its own signal at
                    # the same moment, can store its last answers instead of waiting for a database
                    # that is gone.
                    preexec_fn=dies_with_parent("SIGTERM"),  # noqa: PLW1509 - it is safe after fork
                    **self._account.identity,
                )
        except OSError as error:
            self._error = error
            self._ended.set()
        finally:
            self._started.set()
        if self._process is not None:
            self._process.wait()
            self._ended.set()
