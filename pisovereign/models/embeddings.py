"""Embedding models that are configured: known ones, and folders of the owner's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pisovereign.models.errors import ModelError, UnknownModel
from pisovereign.models.manifest import Manifest, Model
from pisovereign.models.store import ModelStore

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class EmbeddingFolder(NamedTuple):
    """Where an embedding model lies, and how many numbers its vectors have."""

    path: Path
    dimensions: int


def known_embedding(manifest: Manifest, model: str) -> Model | None:
    """Return the manifest's entry of an embedding model; None: it is not one of ours.

    Raises:
        ModelError: it is one of ours, and for something else.
    """
    try:
        known = manifest.get(model)
    except UnknownModel:
        return None
    if known.kind != "embedding":
        raise ModelError(f"memory.embedding_models: {model} is not an embedding model")
    return known


def embedding_dimensions(manifest: Manifest, model: str, given: int) -> int:
    """Return how many numbers a model's vectors have; `given` is 0 where nobody says.

    Raises:
        ModelError: nothing tells, or the number is another one.
    """
    known = known_embedding(manifest, model)
    if known is None:
        if given:
            return given
        raise ModelError(
            f"memory.embedding_models: {model} is not a known model; add the dimensions of its"
            f' vectors, as in "{model}=768"'
        )
    assert known.dimensions is not None
    if given not in (0, known.dimensions):
        raise ModelError(
            f"memory.embedding_models: {model} has {known.dimensions} dimensions, not {given}"
        )
    return known.dimensions


def fetched_embeddings(manifest: Manifest, models: Sequence[str]) -> list[str]:
    """Return those of the models that can be fetched; raises like `known_embedding`."""
    return [model for model in models if known_embedding(manifest, model)]


def embedding_folder(store: ModelStore, model: str, given: int) -> EmbeddingFolder:
    """Return where a model lies and its dimensions, `given` where the configuration says them.

    One of the owner's own is a folder beside the others with `model.onnx` and `tokenizer.json`.

    Raises:
        ModelError: there is no such folder, or nothing tells the dimensions.
    """
    dimensions = embedding_dimensions(store.manifest, model, given)
    known = known_embedding(store.manifest, model)
    if known is not None:
        return EmbeddingFolder(store.home(known), dimensions)
    folder = store.root / model
    if not _FOLDER_NAME.fullmatch(model) or not all(
        (folder / name).is_file() for name in (GRAPH, TOKENIZER)
    ):
        raise ModelError(
            f"memory.embedding_models: {model} is neither a known model nor a folder in"
            f" {store.root} with {GRAPH} and {TOKENIZER}"
        )
    return EmbeddingFolder(folder, dimensions)
