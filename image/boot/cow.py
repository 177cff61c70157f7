"""Files in which user-mode Linux keeps what was changed of a card that itself stays as it is."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Magic, version, time, size of the card, bytes of a sector, alignment and form; then a path.
_HEAD = struct.Struct(">IIIQIII")
_MAGIC, _VERSION, _PATH = 0x4F4F4F4D, 3, 4096
_BLOCK = 1 << 20


def changed(cow: Path, most: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield what was changed, in pieces, and where on the card that is.

    Args:
        cow: the file.
        most: only of so many bytes at the beginning of the card.

    Raises:
        ValueError: it is another kind of file.
    """
    with cow.open("rb") as file:
        magic, version, _, size, sector, align, _ = _HEAD.unpack(file.read(_HEAD.size))
        if (magic, version) != (_MAGIC, _VERSION):
            raise ValueError(f"{cow.name} is no file of user-mode Linux")
        bitmap_at = _aligned(_HEAD.size + _PATH, align)
        length = -(-size // (8 * sector))
        data_at = _aligned(bitmap_at + length, align)
        file.seek(bitmap_at)
        bitmap = file.read(length if most is None else most // (8 * sector))
        for number, count in _runs(bitmap):
            begin, left = number * sector, count * sector
            while left:
                file.seek(data_at + begin)
                piece = min(left, _BLOCK)
                yield begin, file.read(piece).ljust(piece, b"\0")
                begin, left = begin + piece, left - piece


def merge(cow: Path, behind: Path, target: Path, most: int | None = None) -> None:
    """Write a card as it is now: what lies behind the file, and what was changed.

    Args:
        cow: the file; it may be missing, then nothing was changed.
        behind: the card that itself stays as it is.
        target: is written.
        most: only so many bytes of the beginning.
    """
    if most is None:
        subprocess.run(["cp", "--sparse=always", str(behind), str(target)], check=True)
    else:
        with behind.open("rb") as source, target.open("wb") as file:
            for begin in range(0, most, _BLOCK):
                file.write(source.read(min(_BLOCK, most - begin)))
    if cow.exists():
        with target.open("r+b") as file:
            for begin, piece in changed(cow, most):
                file.seek(begin)
                file.write(piece)


def _aligned(at: int, alignment: int) -> int:
    return -(-at // alignment) * alignment


def _runs(bitmap: bytes) -> Iterator[tuple[int, int]]:
    """Yield each run of bits that are set: its first bit, and how many they are."""
    begin: int | None = None
    for place, byte in enumerate(bitmap):
        # Most of a card is untouched, and much of the rest is written as a whole.
        if (byte == 0 and begin is None) or (byte == 0xFF and begin is not None):
            continue
        for bit in range(8):
            is_set = byte >> bit & 1
            if is_set and begin is None:
                begin = place * 8 + bit
            elif not is_set and begin is not None:
                yield begin, place * 8 + bit - begin
                begin = None
    if begin is not None:
        yield begin, len(bitmap) * 8 - begin
