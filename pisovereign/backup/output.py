"""Files that appear whole or not at all, and how many of them are kept."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pisovereign.errors import StartError
from pisovereign.files import sync

_MARK = 8  # characters of the key's name: enough to tell installations apart


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, mode 0600, that gets its name when it is complete and on the disk.

    Raises:
        StartError: it is there already, or cannot be written.
    """
    _refuse_existing(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _remove(path.parent, _parts_of(re.escape(path.name)))
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            _refuse_existing(path)
            part.rename(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        sync(path.parent)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from error


def dated_name(key_id: str, now: float) -> str:
    """The name of a backup among others, those of other installations too."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    return f"pisovereign-{key_id[:_MARK]}-{moment}.backup"


def keep_newest(folder: Path, key_id: str, keep: int) -> list[Path]:
    """Delete all but the newest backups of one installation; returns what was deleted.

    Only files that `dated_name` named are ever deleted.

    Raises:
        StartError: one cannot be deleted.
    """
    name = rf"pisovereign-{re.escape(key_id[:_MARK])}-\d{{8}}T\d{{6}}Z\.backup"
    try:
        old = sorted(path for path in folder.iterdir() if re.fullmatch(name, path.name))[:-keep]
        for path in old:
            path.unlink()
        _remove(folder, _parts_of(name))
    except OSError as error:
        raise StartError(f"old backups in {folder} cannot be deleted: {error.strerror}") from error
    return old


def _parts_of(name: str) -> str:
    """What a sudden end leaves of a file."""
    return rf"\.{name}\.[0-9a-f]{{8}}\.part"


def _remove(folder: Path, name: str) -> None:
    for path in folder.iterdir():
        if re.fullmatch(name, path.name):
            path.unlink()


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise StartError(f"{path} exists already; choose another name")
