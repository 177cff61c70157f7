from __future__ import annotations

import struct
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from pisovereign.models.sentencepiece import read_unigram, write_tokenizer

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


def test_the_tokenizer_of_the_real_model(models_dir: Path) -> None:
    """Ids as the library of the model's authors gives them."""
    tokenizer = Tokenizer.from_file(str(models_dir / "use-multilingual" / "tokenizer.json"))
    texts = {
        "Wo ist der Autoschlüssel?": [1, 5325, 176, 99, 5693, 66376, 21, 2],
        "明日の天気は？": [1, 6, 23876, 73, 405, 1405, 89, 21, 2],
        "  ﬁne\t day ": tokenizer.encode("fine day").ids,
        "": [1, 2],
    }
    for text, ids in texts.items():
        assert tokenizer.encode(text).ids == ids


def test_written_and_read_again(tmp_path: Path, models_dir: Path) -> None:
    write_tokenizer(models_dir / "use-multilingual" / "sp.model", tmp_path / "tokenizer.json")
    made = (tmp_path / "tokenizer.json").read_bytes()
    assert made == (models_dir / "use-multilingual" / "tokenizer.json").read_bytes()
