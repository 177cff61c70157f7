"""Embedding texts with the engine, or with the server in its place."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from uuid import UUID

from pisovereign.cache.store import Region
from pisovereign.engine_client.client import EngineClient
from pisovereign.errors import EngineMisbehaved, EngineUnavailable

# Of all-MiniLM-L6-v2.
DIMENSIONS = 384
# A query is one sentence and takes milliseconds, and a person waits for its results.
SEARCH_LIMIT_S = 5.0
STORE_LIMIT_S = 30.0


class Encoder:
    """Embeds texts with one model.

    Args:
        engine: Computes the vectors.
        model: The id of the model, which is stored with each of its vectors.
        dimensions: How many numbers its vectors have.
        cache: Where vectors of questions are cached; None: nowhere.
        languages: Codes of the languages that the model knows; None: all.
    """

    def __init__(
        self,
        engine: EngineClient,
        model: str,
        dimensions: int = DIMENSIONS,
        cache: Region[array[float]] | None = None,
        languages: frozenset[str] | None = None,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self.model = model
        self.dimensions = dimensions
        self.languages = languages

    async def question(self, user: UUID, text: str, limit_s: float) -> array[float]:
        """Return the vector of what a user asks or says; it is not computed twice.

        Raises:
            EngineUnavailable, EngineMisbehaved: as `encode`.
        """

        async def ask() -> array[float]:
            (vector,) = await self.encode([text], limit_s)
            return vector

        if self._cache is None:
            return await ask()
        return await self._cache.get_or_compute(user, f"{self.model}\0{text}".encode(), ask)

    async def encode(
        self, texts: Sequence[str], limit_s: float = STORE_LIMIT_S
    ) -> list[array[float]]:
        """Return a vector of `dimensions` numbers and unit length for each text.

        Raises:
            EngineUnavailable: not reachable, busy, or no answer within `limit_s` seconds.
            EngineMisbehaved: the vectors are of another size.
        """
        try:
            async with asyncio.timeout(limit_s):
                vectors = (await self._engine.embed(texts, model=self.model)).vectors
        except TimeoutError:
            raise EngineUnavailable("The engine does not answer in time") from None
        if not self.fits(vectors, len(texts)):
            raise EngineMisbehaved(
                f"The embedding model {self.model} does not give {self.dimensions} dimensions"
            )
        return [array("f", vector) for vector in vectors]

    def fits(self, vectors: Sequence[Sequence[float]], count: int) -> bool:
        """Return whether these are `count` vectors of the right size."""
        return len(vectors) == count and all(len(row) == self.dimensions for row in vectors)
