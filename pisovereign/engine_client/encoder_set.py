"""All embedding models that are in use, asked at the same time."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from uuid import UUID

from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.errors import EngineMisbehaved, EngineUnavailable


class EncoderSet:
    """One encoder for each embedding model, in the configured order.

    Args:
        encoders: At least one, each with another model.
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)

    @property
    def models(self) -> tuple[str, ...]:
        """Return the ids of the models."""
        return tuple(encoder.model for encoder in self.encoders)

    @property
    def dimensions(self) -> dict[str, int]:
        """Return how many numbers a vector of each model has."""
        return {encoder.model: encoder.dimensions for encoder in self.encoders}

    @property
    def first(self) -> Encoder:
        """Return the encoder of the first model."""
        return self.encoders[0]

    def get(self, model: str) -> Encoder | None:
        """Return the encoder of a model; None when the model is not in use."""
        return next((encoder for encoder in self.encoders if encoder.model == model), None)

    async def question(self, user: UUID, text: str, limit_s: float) -> dict[str, array[float]]:
        """Return what a user asks or says as a vector of each model, not computed twice.

        Models that are away, or do not answer within `limit_s` seconds, are left out.
        """

        async def ask(encoder: Encoder) -> array[float] | None:
            try:
                return await encoder.question(user, text, limit_s)
            except (EngineUnavailable, EngineMisbehaved):
                return None

        vectors = await asyncio.gather(*map(ask, self.encoders))
        return {
            model: vector
            for model, vector in zip(self.models, vectors, strict=True)
            if vector is not None
        }

    async def encode(
        self, texts: Sequence[str], limit_s: float = STORE_LIMIT_S
    ) -> dict[str, list[array[float]]]:
        """Return vectors of the texts by model; models that are away are left out."""

        async def ask(encoder: Encoder) -> list[array[float]] | None:
            try:
                return await encoder.encode(texts, limit_s)
            except (EngineUnavailable, EngineMisbehaved):
                return None

        made = await asyncio.gather(*map(ask, self.encoders))
        return {
            model: vectors
            for model, vectors in zip(self.models, made, strict=True)
            if vectors is not None
        }
