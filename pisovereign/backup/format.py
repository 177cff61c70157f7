"""The format of a backup: records in one order, framed and compressed.

A manifest; the files; for each table its beginning, its rows and its end; the sequences; the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from msgspec import Meta

from pisovereign.backup.errors import BackupUnreadable

LARGEST = 1024 * 1024
"""The most bytes in a frame."""

_HEAD = struct.Struct(">cI")
_PIECE = 256 * 1024
# Encrypted text and hexadecimal digits: a higher level gains nothing.
_LEVEL = 1


class Sink(Protocol):
    """The destination of frames."""

    def write(self, data: bytes) -> None:
        """Write bytes."""


class FrameWriter:
    """Writes frames, compressed, into a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._compressor = zlib.compressobj(_LEVEL)

    def write(self, kind: bytes, payload: bytes) -> None:
        """Write one frame; `kind` is one byte."""
        assert len(payload) <= LARGEST
        self._sink.write(self._compressor.compress(_HEAD.pack(kind, len(payload)) + payload))

    def close(self) -> None:
        """Write what the compressor still holds."""
        self._sink.write(self._compressor.flush())


def read_frames(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the payload of each frame.

    Raises:
        BackupUnreadable: The bytes are not frames.
    """
    waiting = bytearray()
    for piece in _decompressed(chunks):
        waiting += piece
        start = 0
        while len(waiting) - start >= _HEAD.size:
            kind, size = _HEAD.unpack_from(waiting, start)
            if size > LARGEST:
                raise BackupUnreadable("the backup holds a piece that is too large")
            end = start + _HEAD.size + size
            if len(waiting) < end:
                break
            yield kind, bytes(waiting[start + _HEAD.size : end])
            start = end
        del waiting[:start]
    if waiting:
        raise BackupUnreadable("the backup ends within a piece")


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield decompressed pieces of bounded size."""
    machine = zlib.decompressobj()
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not machine.eof:
                yield machine.decompress(rest, _PIECE)
                rest = machine.unconsumed_tail
        if machine.eof and not machine.unused_data:
            return
    except zlib.error:
        pass
    raise BackupUnreadable("the backup cannot be unpacked")


MASTER_KEY, OWNER_KEY, CONFIG = "master.key", "api-key", "config.toml"
TLS_AUTHORITY = "tls-authority.pem"  # phones then trust a device that takes the place of this one
"""The names of files in a backup."""

MANIFEST, FILE, TABLE, ROWS, TABLE_END, SEQUENCES, END = b"M", b"F", b"T", b"D", b"E", b"S", b"Z"

Name = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_]{0,62}\Z")]
FileName = Annotated[str, Meta(pattern=r"^[a-z][a-z.-]{0,62}\Z")]


class Step(msgspec.Struct, frozen=True):
    """A migration that was applied to the database."""

    version: int
    name: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The first record.

    Attributes:
        made_at: Seconds since the epoch.
        program: The version of the program that wrote it.
        key_id: The id of the key that the stored text is sealed with.
        steps: The migrations that were applied to the database.
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
    """The beginning of a table; its rows follow in the text format of COPY."""

    name: Name
    columns: list[Name]


class Rows(msgspec.Struct, frozen=True):
    """Some rows of a table; a record may begin and end within one."""

    data: bytes


class TableEnd(msgspec.Struct, frozen=True):
    """The end of a table, and how many rows it had."""

    rows: int


class Sequences(msgspec.Struct, frozen=True):
    """The last value of each sequence."""

    last: dict[Name, int]


class End(msgspec.Struct, frozen=True):
    """The last record, with the number of tables."""

    tables: int


Record = Manifest | StoredFile | Table | Rows | TableEnd | Sequences | End
_KINDS: dict[bytes, type[Any]] = {
    MANIFEST: Manifest,
    FILE: StoredFile,
    TABLE: Table,
    TABLE_END: TableEnd,
    SEQUENCES: Sequences,
    END: End,
}
_BY_TYPE = {kind: name for name, kind in _KINDS.items()}
# Which kinds may follow which; b"" is the beginning.
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


def write_record(writer: FrameWriter, record: Record) -> None:
    """Write one record."""
    if isinstance(record, Rows):
        for start in range(0, len(record.data), LARGEST):
            writer.write(ROWS, record.data[start : start + LARGEST])
    else:
        writer.write(_BY_TYPE[type(record)], msgspec.msgpack.encode(record))


def read_records(frames: Iterable[tuple[bytes, bytes]]) -> Iterator[Record]:
    """Yield the records, and require that they are in order and complete.

    Raises:
        BackupUnreadable: They are not.
    """
    before = b""
    tables = rows = 0
    for kind, payload in frames:
        if kind not in _NEXT[before]:
            raise BackupUnreadable("the backup's pieces are not in order")
        before = kind
        if kind == ROWS:
            # COPY escapes a line end within a value, so each one here ends a row.
            rows += payload.count(b"\n")
            yield Rows(payload)
            continue
        record = _decode(payload, _KINDS[kind])
        if isinstance(record, TableEnd):
            if record.rows != rows:
                raise BackupUnreadable("the backup lacks rows")
            tables, rows = tables + 1, 0
        elif isinstance(record, End) and record.tables != tables:
            raise BackupUnreadable("the backup lacks tables")
        yield record
    if before != END:
        raise BackupUnreadable("the backup is not complete")


def _decode(payload: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BackupUnreadable("a piece of the backup cannot be read") from None
