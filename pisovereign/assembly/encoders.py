"""The encoders of the configured embedding models."""

from __future__ import annotations

from array import array

from pisovereign.cache.store import Region
from pisovereign.config import MemoryConfig
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.errors import StartError
from pisovereign.models.errors import UnknownModel
from pisovereign.models.manifest import Manifest


def build_encoders(
    config: MemoryConfig, engine: EngineClient, manifest: Manifest, cache: Region[array[float]]
) -> EncoderSet:
    """Return an encoder for each embedding model.

    Raises:
        StartError: Nothing tells how many dimensions a model has.
    """
    encoders = []
    for choice in config.embedding_choices:
        dimensions = choice.dimensions or _known_dimensions(manifest, choice.model)
        encoders.append(Encoder(engine, choice.model, dimensions, cache))
    return EncoderSet(engine, encoders, cache)


def _known_dimensions(manifest: Manifest, model: str) -> int:
    try:
        known = manifest.get(model)
    except UnknownModel:
        raise StartError(
            f"memory.embedding_models: {model} is not a known model; add the dimensions of its"
            f' vectors, as in "{model}=768"'
        ) from None
    if known.dimensions is None:
        raise StartError(f"memory.embedding_models: {model} is not an embedding model")
    return known.dimensions
