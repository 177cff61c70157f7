"""Types of the routes of backups."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.backup.passphrase import SHORTEST
from pisovereign.backup.restore_state import RestoreState

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.backup\Z"
LARGEST = 1 << 42
FileName = Annotated[str, Meta(pattern=NAME, max_length=128)]


class NewBackup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The passphrase of a new backup."""

    passphrase: Annotated[str, Meta(min_length=SHORTEST, max_length=1000)]


class Passphrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The passphrase of a backup that is there."""

    passphrase: Annotated[str, Meta(min_length=1, max_length=1000)]


class RestoreWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a backup to restore: everything, with or without `config.toml`."""

    passphrase: Annotated[str, Meta(min_length=1, max_length=1000)]
    with_config: bool = True


class UploadQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The file that a piece belongs to, and where it begins."""

    name: FileName
    size: Annotated[int, Meta(ge=1, le=LARGEST)]
    offset: Annotated[int, Meta(ge=0, le=LARGEST)]


class UploadState(msgspec.Struct, frozen=True):
    """How many bytes are there, and whether these are all."""

    held: int
    complete: bool


class BackupFile(msgspec.Struct, frozen=True):
    """A backup: its name, its size in bytes, and when it was written."""

    name: str
    size: int
    written_at: dt.datetime


class Contents(msgspec.Struct, frozen=True):
    """The contents of a backup that was verified.

    `program` is the version that made it, `rows` counts by
    table, and `files` names those that are in it.
    """

    made_at: dt.datetime
    program: str
    rows: dict[str, int]
    files: list[str]


class BackupWorkState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The work that is or was done last: `make`, `verify`, or `fetch`, from a place of backups.

    Attributes:
        status: `running`, `done`, `failed`, or `stopped` when the program ended meanwhile.
        done: bytes that were written or read.
        total: bytes to read; 0 where nobody knows.
        error: why it failed.
        contents: what a verified file holds.
    """

    kind: Literal["make", "verify", "fetch"]
    file: str
    status: Literal["running", "done", "failed", "stopped"]
    done: int = 0
    total: int = 0
    error: str | None = None
    contents: Contents | None = None


class Backups(msgspec.Struct, frozen=True, kw_only=True):
    """The backups on this device, and what goes on.

    Attributes:
        files: the newest first.
        folder: where they are.
        free_bytes: how much room there is.
        keep: how many are kept when another is made.
        work: what is or was done last.
        restore: the last restore, or the one that goes on.
        restorable: whether a restore can be begun here; otherwise `restore_command` says how.
        not_included: settings that name files which no backup contains.
    """

    files: list[BackupFile]
    folder: str
    free_bytes: int
    keep: int
    work: BackupWorkState | None
    restore: RestoreState | None
    restorable: bool
    restore_command: str
    not_included: list[str]
