from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pisovereign.models.sentencepiece import read_unigram

PIECES = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("▁", -3.0), ("▁tea", -5.5), ("cup", -6.25)]


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def stored(pieces: list[tuple[str, float]]) -> bytes:
    rows = [
        field(1, field(1, text.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", score))
        for text, score in pieces
    ]
    # A number, in the trainer's settings and as a field of its own, is passed over.
    return b"".join(rows) + field(2, b"\x18\xac\x02") + b"\x50\x96\x01"


def test_pieces_and_scores_are_read(tmp_path: Path) -> None:
    (tmp_path / "sp.model").write_bytes(stored(PIECES))
    model = read_unigram(tmp_path / "sp.model")
    assert model.pieces == PIECES
    assert model.character_map == b""


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sp.model").write_bytes(b"\x07\x07")
    with pytest.raises(ValueError, match="wire type"):
        read_unigram(tmp_path / "sp.model")
    (tmp_path / "sp.model").write_bytes(b"")
    with pytest.raises(ValueError, match=r"sp\.model holds no pieces"):
        read_unigram(tmp_path / "sp.model")
