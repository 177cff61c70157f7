"""Whatever is not exactly what was written is refused, and nothing of it is taken for true."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.backup.encryption import CHUNK, MAGIC, Cost, EncryptedFile, EncryptedWriter
from pisovereign.backup.errors import BackupUnreadable, TooNew, WrongPassphrase

CHEAP = Cost(passes=1, kib=8)
PASSPHRASE = b"correct horse battery"
HEADER = len(MAGIC) + 2 + 12 + 16 + 24 + 8 + 32


def seal(data: bytes, pieces: int = 1) -> bytes:
    file = io.BytesIO()
    writer = EncryptedWriter(file, PASSPHRASE, CHEAP)
    size = len(data) // pieces + 1
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
    writer.close()
    return file.getvalue()


def unseal(sealed: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    return b"".join(EncryptedFile(io.BytesIO(sealed), passphrase).chunks())


DATA = bytes(range(256)) * 600  # more than two chunks
SEALED = seal(DATA)


@given(st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK]), st.integers(1, 7))
def test_what_was_written_is_read(size: int, pieces: int) -> None:
    data = bytes(size)
    assert unseal(seal(data, pieces)) == data


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_noticed(place: int, bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= 1 << bit
    with pytest.raises(BackupUnreadable) as caught:
        unseal(bytes(damaged))
    assert not isinstance(caught.value, WrongPassphrase) or place >= HEADER - 32


def test_every_bit_of_the_header_counts() -> None:
    for place in range(HEADER):
        for bit in range(8):
            damaged = bytearray(SEALED)
            damaged[place] ^= 1 << bit
            with pytest.raises(BackupUnreadable):
                unseal(bytes(damaged))


@given(st.integers(0, len(SEALED) - 1))
def test_a_file_that_is_cut_off_anywhere_is_noticed(length: int) -> None:
    with pytest.raises(BackupUnreadable):
        unseal(SEALED[:length])


def test_a_file_that_is_cut_between_chunks_is_noticed() -> None:
    for chunks in range(3):
        with pytest.raises(BackupUnreadable, match="cut off"):
            unseal(SEALED[: HEADER + chunks * (CHUNK + 17)])


@given(st.binary(min_size=1, max_size=300))
def test_something_behind_the_end_is_noticed(more: bytes) -> None:
    with pytest.raises(BackupUnreadable):
        unseal(SEALED + more)


def test_chunks_cannot_change_places() -> None:
    size = CHUNK + 17
    first, second = SEALED[HEADER : HEADER + size], SEALED[HEADER + size : HEADER + 2 * size]
    for swapped in (second + first, first + first, second):
        with pytest.raises(BackupUnreadable, match="damaged"):
            unseal(SEALED[:HEADER] + swapped + SEALED[HEADER + 2 * size :])


def test_a_chunk_of_another_backup_is_noticed() -> None:
    other = seal(DATA)
    with pytest.raises(BackupUnreadable, match="damaged"):
        unseal(SEALED[: HEADER + CHUNK + 17] + other[HEADER + CHUNK + 17 :])


@given(st.binary(max_size=400))
def test_any_other_file_is_refused(data: bytes) -> None:
    with pytest.raises(BackupUnreadable):
        unseal(data)
    with pytest.raises(BackupUnreadable):
        unseal(MAGIC + data)


def test_a_wrong_passphrase_is_told_from_damage() -> None:
    for wrong in (b"", b"correct horse batterz", PASSPHRASE + b" "):
        with pytest.raises(WrongPassphrase, match="not the one of this backup"):
            unseal(SEALED, wrong)


def test_a_newer_format_is_said() -> None:
    newer = MAGIC + b"\0\2" + SEALED[len(MAGIC) + 2 :]
    with pytest.raises(TooNew, match="format 2, and this program reads format 1"):
        unseal(newer)


def test_nothing_of_the_text_or_the_passphrase_is_in_the_file() -> None:
    sealed = seal(b"the well is behind the house" * 100)
    assert b"well" not in sealed
    assert PASSPHRASE not in sealed
    assert seal(b"same") != seal(b"same")
