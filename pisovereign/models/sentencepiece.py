"""A SentencePiece unigram model, as its library stores it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Of what is unknown, and of begin and end: no text spells them.
CONTROL_PIECES = 3
_PIECES, _NORMALIZER = 1, 3  # fields of the model
_TEXT, _SCORE = 1, 2  # of a piece
_CHARACTER_MAP = 2  # of the normalizer
_FIXED64 = 1


class UnigramModel(NamedTuple):
    """Pieces with the logarithms of their probabilities, and how text is normalized first."""

    pieces: list[tuple[str, float]]
    character_map: bytes


def read_unigram(path: Path) -> UnigramModel:
    """Read a model file; raises ValueError when it is none."""
    pieces, character_map = [], b""
    for field, value in _fields(path.read_bytes()):
        if field == _PIECES:
            parts = dict(_fields(value))
            (score,) = struct.unpack("<f", parts.get(_SCORE, bytes(4)))
            pieces.append((parts[_TEXT].decode(), score))
        elif field == _NORMALIZER:
            character_map = dict(_fields(value)).get(_CHARACTER_MAP, b"")
    if not pieces:
        raise ValueError(f"{path.name} holds no pieces")
    return UnigramModel(pieces, character_map)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a Protocol Buffers message; the bytes of a number are left out."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                _, at = _varint(data, at)
                yield key >> 3, b""
            case 1 | 5 as kind:
                size = 8 if kind == _FIXED64 else 4
                yield key >> 3, data[at : at + size]
                at += size
            case 2:
                size, at = _varint(data, at)
                yield key >> 3, data[at : at + size]
                at += size
            case other:
                raise ValueError(f"there is no wire type {other}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
