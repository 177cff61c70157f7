"""The encoders of the configured embedding models."""

from __future__ import annotations

from array import array

from pisovereign.cache.store import Region
from pisovereign.config import MemoryConfig
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.models.embeddings import embedding_dimensions
from pisovereign.models.manifest import Manifest


def build_encoders(
    config: MemoryConfig, engine: EngineClient, manifest: Manifest, cache: Region[array[float]]
) -> EncoderSet:
    """Return an encoder for each embedding model.

    Raises:
        ModelError: Nothing tells how many dimensions a model has.
    """
    known = {
        model.id: frozenset(model.languages)
        for model in manifest.of_kind("embedding")
        if model.languages is not None
    }
    encoders = [
        Encoder(
            engine,
            model,
            embedding_dimensions(manifest, model, dimensions),
            cache,
            known.get(model),
        )
        for model, dimensions in config.embedding_choices
    ]
    return EncoderSet(engine, encoders, cache)
