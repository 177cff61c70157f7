"""One process at a time for what two must not do at once in a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pisovereign.errors import StartError


def only_instance(data_dir: Path) -> AbstractContextManager[None]:
    """Be the one installation that runs in a data folder.

    Raises:
        StartError: another process is.
    """
    return only_holder(data_dir / "serve.lock", f"{data_dir}: PiSovereign is already running")


@contextmanager
def only_holder(path: Path, refusal: str) -> Iterator[None]:
    """Hold a lock file; the kernel lets go of it however this process ends.

    Raises:
        StartError: another process holds it, with the refusal as its text, or it cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise StartError(f"{refusal} (process {other})") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
