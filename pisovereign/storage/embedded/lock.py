"""One supervisor a data folder, also when a start follows a `kill -9` at once."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pisovereign.errors import StartError


class FolderLock:
    """An exclusive lock on a file, which the kernel drops when this process ends in any way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; taking it twice is fine.

        Raises:
            StartError: another process, or another object of this one, holds it.
        """
        if self._descriptor is not None:
            return
        # Not inherited by the server, which may outlive a killed supervisor for a moment.
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
        """Give the lock back; the file stays, because removing it would let two hold it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
