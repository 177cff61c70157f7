"""The folder of backups: what is in it, and a file that comes in pieces."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from pathlib import Path

from pisovereign.backup.encryption import MAGIC
from pisovereign.backup.types import NAME, BackupFile, UploadState
from pisovereign.errors import Conflict, NotFound, ValidationFailed
from pisovereign.files import private_folder, sync

_NAME = re.compile(NAME)
_UPLOAD = ".upload."
RESERVE_BYTES = 256 * 1024 * 1024
"""What is left to the database and the log, whatever comes here."""


class BackupFolder:
    """Backups by name; a name never leads out of the folder.

    Args:
        path: Of the folder, which is made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def ready(self) -> Path:
        """Make the folder, and return it.

        Raises:
            StartError: Others may write to it, or it cannot be made.
        """
        return private_folder(self.path) if not self.path.is_dir() else self.path

    def files(self) -> list[BackupFile]:
        """Return what is there, the newest first."""
        if not self.path.is_dir():
            return []
        found = [path for path in self.path.iterdir() if _NAME.fullmatch(path.name)]
        listed = [_described(path) for path in found if path.is_file() and not path.is_symlink()]
        return sorted(listed, key=lambda file: file.written_at, reverse=True)

    def free_bytes(self) -> int:
        """Return how much room there is."""
        return shutil.disk_usage(self.path if self.path.is_dir() else self.path.parent).free

    def find(self, name: str) -> Path:
        """Return the path of a backup.

        Raises:
            NotFound: There is none of this name.
        """
        path = self.path / name
        if not _NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise NotFound("No such backup")
        return path

    def delete(self, name: str) -> None:
        """Delete a backup.

        Raises:
            NotFound: There is none of this name.
        """
        self.find(name).unlink()
        sync(self.path)

    def take(self, name: str, size: int, offset: int, piece: bytes) -> UploadState:
        """Append a piece of a file that begins where the file ends; another one changes nothing.

        Raises:
            Conflict: There is a backup of this name.
            ValidationFailed: It is no backup, or there is no room; nothing of it stays.
        """
        folder = self.ready()
        if (folder / name).exists():
            raise Conflict("There is a backup of this name already")
        part = folder / f"{_UPLOAD}{size}.{name}"
        for other in folder.glob(f"{_UPLOAD}*"):
            if other != part:
                other.unlink()
        held = part.stat().st_size if part.exists() else 0
        if offset == 0 and held and not _begins_with(part, piece):
            part.unlink()  # another file of this name
            held = 0
        if offset == held and piece:
            self._check(held, size, piece)
            _append(part, piece)
            held += len(piece)
        if held < size:
            return UploadState(held, complete=False)
        part.rename(folder / name)
        sync(folder)
        return UploadState(size, complete=True)

    def _check(self, held: int, size: int, piece: bytes) -> None:
        if held + len(piece) > size:
            raise ValidationFailed([{"field": "size", "error": "is less than what was sent"}])
        if held == 0 and not piece.startswith(MAGIC[: len(piece)]):
            raise ValidationFailed([{"field": "file", "error": "is not a backup"}])
        if size - held > self.free_bytes() - RESERVE_BYTES:
            raise ValidationFailed([{"field": "file", "error": "is too large for this device"}])


def _begins_with(part: Path, piece: bytes) -> bool:
    with part.open("rb") as file:
        return file.read(len(piece)) == piece[: part.stat().st_size]


def _append(part: Path, piece: bytes) -> None:
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(piece)
    except OSError as error:
        part.unlink(missing_ok=True)  # the disk is full, most likely, and must not stay so
        text = f"cannot be stored: {error.strerror}"
        raise ValidationFailed([{"field": "file", "error": text}]) from None


def _described(path: Path) -> BackupFile:
    status = path.stat()
    written = dt.datetime.fromtimestamp(int(status.st_mtime), dt.UTC)
    return BackupFile(path.name, status.st_size, written)
