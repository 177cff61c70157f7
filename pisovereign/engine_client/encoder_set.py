"""All embedding models that are in use, asked at the same time."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from pisovereign.cache.store import Region
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.errors import EngineMisbehaved, EngineUnavailable

Vectors: TypeAlias = "dict[str, array[float]]"


class EncoderSet:
    """One encoder for each embedding model, in the configured order.

    Args:
        engine: What computes.
        encoders: At least one, each with another model.
        cache: Where vectors of questions are cached; None: nowhere.
    """

    def __init__(
        self,
        engine: EngineClient,
        encoders: Sequence[Encoder],
        cache: Region[array[float]] | None = None,
    ) -> None:
        self._engine = engine
        self._cache = cache
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

    async def question(self, user: UUID, text: str, limit_s: float) -> Vectors:
        """Return what a user asks or says as a vector of each model, not computed twice.

        Models that are away, or do not answer within `limit_s` seconds, are left out.
        """

        async def ask() -> array[float]:
            made = await self.encode([text], limit_s)
            if len(made) < len(self.encoders):
                raise _Incomplete({model: vector for model, (vector,) in made.items()})
            return array("f", (number for (vector,) in made.values() for number in vector))

        try:
            if self._cache is None:
                return self._split(await ask())
            key = "\0".join((*self.models, text)).encode("utf-8", "surrogatepass")
            return self._split(await self._cache.get_or_compute(user, key, ask))
        except _Incomplete as incomplete:
            return incomplete.vectors

    async def encode(
        self, texts: Sequence[str], limit_s: float = STORE_LIMIT_S
    ) -> dict[str, list[array[float]]]:
        """Return vectors of the texts by model; models that are away are left out.

        Our own engine is asked once, another server once for each model.
        """
        if not self._engine.own:
            return await self._encode_apart(texts, limit_s)
        try:
            async with asyncio.timeout(limit_s):
                made = await self._engine.embed_jointly(texts, self.models)
        except (TimeoutError, EngineUnavailable, EngineMisbehaved):
            return {}
        return {
            encoder.model: made[encoder.model]
            for encoder in self.encoders
            if encoder.fits(made.get(encoder.model, ()), len(texts))
        }

    async def _encode_apart(
        self, texts: Sequence[str], limit_s: float
    ) -> dict[str, list[array[float]]]:
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

    def _split(self, joined: array[float]) -> Vectors:
        """Return the vectors that stand one after the other in `joined`."""
        result, at = {}, 0
        for encoder in self.encoders:
            result[encoder.model] = joined[at : at + encoder.dimensions]
            at += encoder.dimensions
        return result


class _Incomplete(Exception):
    """Some models are away: what the others made is used, and not cached."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self.vectors = vectors
