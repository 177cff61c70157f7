"""Vectors to measure with: MiniLM's of generated sentences, or random ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.sentences import sentences
from pisovereign.engine.embedder import Embedder

Floats = NDArray[np.float32]
WIDTH = 384
NOISE = 0.01  # a value's; a copy's cosine to its original is about 0.98


def sentence_vectors(
    models: Path, count: int, embedded: int, questions: int
) -> tuple[Floats, Floats]:
    """float32[count, 384] and float32[questions, 384] of unit length, from different sentences.

    Beyond `embedded` sentences the rows repeat with noise: distances stay like those of texts.
    """
    texts = sentences(min(count, embedded) + questions, seed=1)
    embedder = Embedder(models / "all-minilm-l6-v2", "fp32")
    try:
        vectors = np.array(asyncio.run(embedder.embed(texts))[0], np.float32)
    finally:
        embedder.close()
    base = vectors[questions:]
    rng = np.random.default_rng(1)
    rows = np.empty((count, WIDTH), np.float32)
    for start in range(0, count, len(base)):
        part = base[: count - start]
        noise = rng.normal(0.0, NOISE if start else 0.0, part.shape)
        rows[start : start + len(part)] = _unit(part + noise)
    return rows, vectors[:questions].copy()


def random_vectors(count: int, seed: int) -> Floats:
    """float32[count, 384] of unit length, in directions that have nothing in common."""
    rng = np.random.default_rng(seed)
    rows = np.empty((count, WIDTH), np.float32)
    for start in range(0, count, 100_000):
        part = rows[start : start + 100_000]
        part[:] = _unit(rng.normal(size=part.shape))
    return rows


def _unit(vectors: NDArray[np.float64]) -> Floats:
    unit: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
