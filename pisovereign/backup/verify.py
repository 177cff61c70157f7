"""A backup read from its first to its last byte, before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from pisovereign.backup.contents import (
    CONFIG,
    MASTER_KEY,
    OWNER_KEY,
    Manifest,
    Part,
    StoredFile,
    Table,
    TableEnd,
    read_parts,
)
from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.frames import read_frames
from pisovereign.backup.load import known_steps
from pisovereign.backup.sealed import SealedFile
from pisovereign.storage.sealing import KEY_SIZE, key_id

_NAMES = {CONFIG, MASTER_KEY, OWNER_KEY}


class Verified(NamedTuple):
    """A backup that is whole, and that this program understands."""

    sealed: SealedFile
    manifest: Manifest
    files: dict[str, bytes]
    rows: dict[str, int]

    def tables(self) -> Iterator[Part]:
        """What follows the files; the file is read, and verified, once more."""
        return (p for p in _parts(self.sealed) if not isinstance(p, Manifest | StoredFile))


def verify(file: BinaryIO, passphrase: bytes) -> Verified:
    """Read a backup whole, in bounded memory.

    Raises:
        BackupUnreadable: it is damaged, cut off, too new, or has another passphrase.
    """
    sealed = SealedFile(file, passphrase)
    manifest: Manifest | None = None
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    table = ""
    for part in _parts(sealed):
        match part:
            case Manifest():
                known_steps(part)  # a newer database is told at once
                manifest = part
            case StoredFile():
                files[part.name] = part.data
            case Table():
                table = part.name
            case TableEnd():
                rows[table] = part.rows
    if manifest is None or not files.keys() <= _NAMES:
        raise BackupUnreadable("the backup holds what this program does not know")
    key = files.get(MASTER_KEY, b"")
    if len(key) != KEY_SIZE or key_id(key) != manifest.key_id:
        raise BackupUnreadable("the backup lacks the key of its database")
    return Verified(sealed, manifest, files, rows)


def _parts(sealed: SealedFile) -> Iterator[Part]:
    return read_parts(read_frames(sealed.chunks()))
