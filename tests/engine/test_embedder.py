from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pisovereign.engine.embedder import MAX_TOKENS, Embedder
from pisovereign.engine.errors import ModelError


@pytest.fixture(scope="module")
def folder(models_dir: Path) -> Path:
    return models_dir / "all-minilm-l6-v2"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Iterator[Embedder]:
    loaded = Embedder(folder, "int8")
    yield loaded
    loaded.close()


def vectors(embedder: Embedder, *texts: str) -> np.ndarray:
    return np.array(asyncio.run(embedder.embed(texts))[0])


def test_meaning_is_near_and_lengths_are_one(embedder: Embedder) -> None:
    a, b, c = vectors(embedder, "A cat sits.", "The kitten is sitting.", "Stocks fell sharply.")
    assert np.allclose(np.linalg.norm([a, b, c], axis=1), 1, atol=1e-5)
    assert a @ b > a @ c + 0.2


def test_order_and_batches_do_not_matter(embedder: Embedder) -> None:
    texts = [f"{'word ' * (n * 7 % 23)}number {n}" for n in range(40)]
    together = vectors(embedder, *texts)
    for index in (0, 17, 39):
        alone = vectors(embedder, texts[index])[0]
        # Dynamic quantization has one scale for the whole batch, so a small difference stays.
        assert together[index] @ alone > 0.98


def test_letters_outside_the_native_tables(embedder: Embedder) -> None:
    assert vectors(embedder, "日本語のテキスト", "emoji 👋🏽").shape == (2, 384)


def test_long_texts_are_cut(embedder: Embedder) -> None:
    _, tokens = asyncio.run(embedder.embed(["word " * 1000, "単語 " * 1000, ""]))
    assert tokens == 2 * MAX_TOKENS + 2


def test_both_precisions_agree(folder: Path, embedder: Embedder) -> None:
    exact = Embedder(folder, "fp32")
    text = "The quick brown fox jumps over the lazy dog."
    assert vectors(exact, text)[0] @ vectors(embedder, text)[0] > 0.97
    exact.close()


def test_missing_and_damaged_files(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no embedding model file"):
        Embedder(tmp_path, "int8")
    for name in ("vocab.txt", "tokenizer.json"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "model-int8.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot load"):
        Embedder(tmp_path, "int8")
