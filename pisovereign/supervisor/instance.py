"""One installation at a time for each data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pisovereign.errors import StartError


@contextmanager
def only_instance(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's lock; the kernel lets go of it however this process ends.

    Raises:
        StartError: another process holds it.
    """
    descriptor = os.open(data_dir / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise StartError(
                f"{data_dir}: PiSovereign is already running (process {other})"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
