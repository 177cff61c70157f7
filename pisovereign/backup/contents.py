"""What a backup holds, piece by piece, in the one order there is.

A manifest; the files; for each table its beginning, its rows and its end; the sequences; the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.frames import LARGEST, FrameWriter

MASTER_KEY, OWNER_KEY, CONFIG = "master.key", "api-key", "config.toml"
"""The names of files in a backup."""

MANIFEST, FILE, TABLE, ROWS, TABLE_END, SEQUENCES, END = b"M", b"F", b"T", b"D", b"E", b"S", b"Z"

Name = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_]{0,62}\Z")]
FileName = Annotated[str, Meta(pattern=r"^[a-z][a-z.-]{0,62}\Z")]


class Step(msgspec.Struct, frozen=True):
    """A migration that the database had."""

    version: int
    name: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The first piece.

    Attributes:
        made_at: seconds since the epoch.
        program: version of the program that wrote it.
        key_id: name of the key that the stored text is sealed with.
        steps: how far the schema was.
    """

    made_at: float
    program: str
    key_id: str
    steps: list[Step]


class StoredFile(msgspec.Struct, frozen=True):
    """A file of the data folder."""

    name: FileName
    data: bytes


class Table(msgspec.Struct, frozen=True):
    """The beginning of a table: its rows follow, as COPY writes them in text form."""

    name: Name
    columns: list[Name]


class Rows(msgspec.Struct, frozen=True):
    """Some of a table's rows; a piece may begin and end within one."""

    data: bytes


class TableEnd(msgspec.Struct, frozen=True):
    """The end of a table, and how many rows it had."""

    rows: int


class Sequences(msgspec.Struct, frozen=True):
    """The last number that each sequence gave out."""

    last: dict[Name, int]


class End(msgspec.Struct, frozen=True):
    """The last piece, with the number of tables."""

    tables: int


Part = Manifest | StoredFile | Table | Rows | TableEnd | Sequences | End
_KINDS: dict[bytes, type[Any]] = {
    MANIFEST: Manifest,
    FILE: StoredFile,
    TABLE: Table,
    TABLE_END: TableEnd,
    SEQUENCES: Sequences,
    END: End,
}
_BY_TYPE = {kind: name for name, kind in _KINDS.items()}
# What may come after what; b"" is the beginning.
_NEXT = {
    b"": {MANIFEST},
    MANIFEST: {FILE, TABLE, SEQUENCES},
    FILE: {FILE, TABLE, SEQUENCES},
    TABLE: {ROWS, TABLE_END},
    ROWS: {ROWS, TABLE_END},
    TABLE_END: {TABLE, SEQUENCES},
    SEQUENCES: {END},
    END: set(),
}
_T = TypeVar("_T")


def write_part(writer: FrameWriter, part: Part) -> None:
    """Write one piece."""
    if isinstance(part, Rows):
        for start in range(0, len(part.data), LARGEST):
            writer.write(ROWS, part.data[start : start + LARGEST])
    else:
        writer.write(_BY_TYPE[type(part)], msgspec.msgpack.encode(part))


def read_parts(frames: Iterable[tuple[bytes, bytes]]) -> Iterator[Part]:
    """The pieces, in order and complete.

    Raises:
        BackupUnreadable: they are not.
    """
    before = b""
    tables = rows = 0
    for kind, payload in frames:
        if kind not in _NEXT[before]:
            raise BackupUnreadable("the backup's pieces are not in order")
        before = kind
        if kind == ROWS:
            # In this form a line's end within a value is written as \n.
            rows += payload.count(b"\n")
            yield Rows(payload)
            continue
        part = _decode(payload, _KINDS[kind])
        if isinstance(part, TableEnd):
            if part.rows != rows:
                raise BackupUnreadable("the backup lacks rows")
            tables, rows = tables + 1, 0
        elif isinstance(part, End) and part.tables != tables:
            raise BackupUnreadable("the backup lacks tables")
        yield part
    if before != END:
        raise BackupUnreadable("the backup is not complete")


def _decode(payload: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BackupUnreadable("a piece of the backup cannot be read") from None
