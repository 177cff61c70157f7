"""Lock a data folder, and clean up what a killed run left in it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import time
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.storage.embedded.layout import Layout


class FolderLock:
    """An exclusive lock on a file, which the kernel releases however this process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, if it is not already held here.

        Raises:
            StartError: Another process, or another object of this one, holds it.
        """
        if self._descriptor is not None:
            return
        # Not inherited by the server, which may briefly outlive a killed supervisor.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StartError(
                f"another PiSovereign is using {self._path.parent}; stop it first, or choose"
                " another data folder"
            ) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the lock; the file stays, because removing it would let two processes hold it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


_log = logging.getLogger(__name__)
_PID_FILE = "postmaster.pid"
_END_LIMIT_S = 60.0
# How long the sessions of a server without a supervisor may take to end by themselves.
_SESSIONS_LIMIT_S = 5.0
_POLL_S = 0.02


def clear_leftovers(layout: Layout, limit_s: float = _END_LIMIT_S) -> None:
    """Wait for a server that is still shutting down, and remove what a killed one left.

    Must be called with the folder's lock held: then a server of this cluster that still runs has
    lost its supervisor, and was told by the kernel to stop once its sessions have ended. Sessions
    that last longer than a few seconds are cut.

    Raises:
        StartError: a server of this cluster still runs after `limit_s` seconds.
    """
    pid_file = layout.cluster / _PID_FILE
    deadline = time.monotonic() + limit_s
    cut_at = time.monotonic() + _SESSIONS_LIMIT_S
    while (pid := _read_pid(pid_file)) and runs_cluster(pid, layout.cluster):
        if time.monotonic() > deadline:
            # It may have been started by hand, so it is not ours to kill.
            raise StartError(
                f"another PostgreSQL (process {pid}) is running on {layout.cluster}; stop it first"
            )
        if time.monotonic() > cut_at and _is_ours(pid, layout):
            cut_at = deadline
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        _log.info("waiting for the previous database server to stop")
        time.sleep(_POLL_S)
    if pid and Path(f"/proc/{pid}").exists():
        # The id now belongs to another program, because of which PostgreSQL would refuse to start.
        pid_file.unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (layout.socket / name).unlink(missing_ok=True)


def runs_cluster(pid: int, cluster: Path) -> bool:
    """Return whether process `pid` is a PostgreSQL server, or part of one, on `cluster`."""
    process = Path(f"/proc/{pid}")
    try:
        name = (process / "comm").read_text().strip()
        # A server changes into its cluster's folder before anything else.
        return name.startswith("postgres") and (process / "cwd").samefile(cluster)
    except OSError:
        return False  # It ended, or belongs to a user who cannot own our cluster.


def _is_ours(pid: int, layout: Layout) -> bool:
    """Return whether a server was started by this program, and not by hand."""
    try:
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(layout.socket).encode() in command_line


def _read_pid(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text().partition("\n")[0]
        return abs(int(first)) or None
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise StartError(f"{pid_file} cannot be read: {error.strerror}") from error
