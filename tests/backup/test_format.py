"""Pieces are complete and in order, or refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.backup.errors import BackupUnreadable
from pisovereign.backup.format import (
    LARGEST,
    End,
    FrameWriter,
    Manifest,
    Record,
    Rows,
    Sequences,
    Step,
    StoredFile,
    Table,
    TableEnd,
    read_frames,
    read_records,
    write_record,
)

MANIFEST = Manifest(made_at=1.5, program="0.1.0", key_id="00" * 8, steps=[Step(1, "chat", "ab")])


class Buffer(io.BytesIO):
    """Takes what is written."""

    def write(self, data: bytes) -> None:  # type: ignore[override]
        super().write(data)


def written(parts: Iterable[Record]) -> bytes:
    buffer = Buffer()
    writer = FrameWriter(buffer)
    for part in parts:
        write_record(writer, part)
    writer.close()
    return buffer.getvalue()


def read(data: bytes, size: int = 1000) -> list[Record]:
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    return list(read_records(read_frames(chunks)))


def table(name: str, rows: list[bytes]) -> list[Record]:
    return [Table(name, ["id", "data"]), *map(Rows, rows), TableEnd(len(rows))]


WHOLE: list[Record] = [
    MANIFEST,
    StoredFile("master.key", b"\0" * 32),
    *table("conversations", [b"1\tx\n", b"2\ty\\nz\n"]),
    *table("messages", []),
    Sequences({"messages_seq_seq": 7}),
    End(2),
]


@given(st.integers(1, 5000))
def test_what_was_written_is_read(size: int) -> None:
    assert read(written(WHOLE), size) == WHOLE


def test_a_large_row_is_cut_and_put_together() -> None:
    row = b"x" * (2 * LARGEST) + b"\n"
    parts = [MANIFEST, *table("messages", [row]), Sequences({}), End(1)]
    rows = [part.data for part in read(written(parts)) if isinstance(part, Rows)]
    assert b"".join(rows) == row
    assert max(map(len, rows)) <= LARGEST


@given(st.integers(0, len(WHOLE) - 1))
def test_a_missing_piece_is_noticed(place: int) -> None:
    parts = WHOLE[:place] + WHOLE[place + 1 :]
    if isinstance(WHOLE[place], StoredFile):  # the verification looks for the key
        assert read(written(parts)) == parts
        return
    with pytest.raises(BackupUnreadable):
        read(written(parts))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, len(WHOLE)))
def test_a_piece_too_many_is_noticed(piece: int, place: int) -> None:
    if isinstance(WHOLE[piece], StoredFile):
        return
    with pytest.raises(BackupUnreadable):
        read(written([*WHOLE[:place], WHOLE[piece], *WHOLE[place:]]))


@given(st.binary(max_size=500), st.booleans())
def test_anything_else_is_refused(data: bytes, compressed: bool) -> None:
    with pytest.raises(BackupUnreadable):
        read(zlib.compress(data) if compressed else data)


@pytest.mark.parametrize("name", ["../master.key", "/etc/passwd", "Key", "", "a" * 80])
def test_names_of_files_lead_nowhere(name: str) -> None:
    with pytest.raises(BackupUnreadable):
        read(written([MANIFEST, StoredFile(name, b""), Sequences({}), End(0)]))


def test_what_unpacks_to_too_much_is_read_in_pieces() -> None:
    bomb = zlib.compress(b"D\xff\xff\xff\xff" + bytes(50 * 1024 * 1024))
    with pytest.raises(BackupUnreadable, match="too large"):
        read(bomb)
