"""Locks for what two processes must not do at once in a data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pisovereign.errors import StartError


def only_instance(data_dir: Path) -> AbstractContextManager[None]:
    """Hold a data folder as the one installation that runs in it.

    Raises:
        StartError: another process is.
    """
    return only_holder(data_dir / "serve.lock", f"{data_dir}: PiSovereign is already running")


def one_api(data_dir: Path) -> AbstractContextManager[None]:
    """Hold a data folder as one of the API processes that run without `serve`.

    Raises:
        StartError: somebody has the folder for himself.
    """
    refusal = f"{data_dir}: a restore is under way"
    return _holder(data_dir / "api.lock", refusal, fcntl.LOCK_SH)


@contextmanager
def nobody_else(data_dir: Path) -> Iterator[None]:
    """Hold a data folder in which nothing of PiSovereign runs, not even an API on its own.

    Raises:
        StartError: something is.
    """
    api = only_holder(data_dir / "api.lock", f"{data_dir}: PiSovereign's API is already running")
    with only_instance(data_dir), api:
        yield


def only_backup(data_dir: Path) -> AbstractContextManager[None]:
    """Hold a data folder as the one who writes or reads a backup of it.

    Raises:
        StartError: another process is.
    """
    return only_holder(data_dir / "backup.lock", "another backup is being written")


def only_holder(path: Path, refusal: str) -> AbstractContextManager[None]:
    """Hold a lock file; the kernel lets go of it however this process ends.

    Raises:
        StartError: another process holds it, with the refusal as its text, or it cannot be made.
    """
    return _holder(path, refusal, fcntl.LOCK_EX)


@contextmanager
def _holder(path: Path, refusal: str, kind: int) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise StartError(f"{refusal} (process {other})" if other else refusal) from None
        with contextlib.suppress(OSError):  # a full disk: people are not told which process it is
            os.ftruncate(descriptor, 0)
            if kind == fcntl.LOCK_EX:  # of several holders none is the one
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
