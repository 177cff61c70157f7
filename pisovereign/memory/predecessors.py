"""Predecessors of a new memory: what it corrects, and what was true before."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from uuid import UUID

from pisovereign.errors import SealError
from pisovereign.languages.detection import language_of
from pisovereign.memory import store
from pisovereign.memory.fit import MULTILINGUAL
from pisovereign.memory.records import TextSealer
from pisovereign.memory.relations import Replacement, says_more
from pisovereign.memory.types import NewMemory, parse_kind
from pisovereign.memory.writer import MemoryWriter
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_types import NearestQuery
from pisovereign.search_index.terms import Stemmer

# Of ten corrections and what each corrects, the lowest cosine was 0.67; of eight pairs of memories
# about similar things, of which none corrects the other, the highest was 0.64.
CORRECTION_THRESHOLD = 0.65
"""By the English model for English, and by the multilingual one, where it is in use, for others."""
# How many are looked at that may say of the same relation what was true before.
_RELATED = 20

Vectors = Mapping[str, "array[float]"]


class Predecessors:
    """Finds the memories whose place a new one takes.

    Args:
        sealer: Opens their text.
        cache: Finds similar ones.
        stemmer: Compares words.
        model: The embedding model that English is compared with.
    """

    def __init__(self, sealer: TextSealer, cache: IndexCache, stemmer: Stemmer, model: str) -> None:
        self._sealer = sealer
        self._cache = cache
        self._stemmer = stemmer
        self._model = model

    async def find(
        self, writer: MemoryWriter, vectors: Vectors, new: NewMemory, *, spoken: bool
    ) -> list[UUID]:
        """Return the memories whose place a new one takes.

        Args:
            writer: In its transaction.
            vectors: Of the new memory, by model.
            new: The new memory.
            spoken: It is what the user said, which may replace what was true before, and does not
                hide what says more than what is corrected.
        """
        if new.corrects is not None:
            return [new.corrects]
        if spoken and (replaced := await self._replaced(writer, vectors, new)):
            return replaced
        corrected = await self._corrected(writer, vectors, new)
        if corrected is None or (spoken and says_more(await self._content(writer, corrected))):
            return []
        return [corrected]

    async def _corrected(
        self, writer: MemoryWriter, vectors: Vectors, new: NewMemory
    ) -> UUID | None:
        """Return the memory that is most similar to a correction."""
        model = self._model
        if language_of(new.content) != "en" and MULTILINGUAL in vectors:
            model = MULTILINGUAL
        if parse_kind(new.memory_type) != "correction" or model not in vectors:
            return None
        query = NearestQuery(model, vectors[model], None, 1)
        near = await self._cache.nearest(writer.connection, writer.user, query)
        return next((memory for memory, cosine in near if cosine >= CORRECTION_THRESHOLD), None)

    async def _replaced(self, writer: MemoryWriter, vectors: Vectors, new: NewMemory) -> list[UUID]:
        """Return the memories that said of the same relation what was true before."""
        correcting = parse_kind(new.memory_type) == "correction"
        replacement = Replacement(new.content, self._stemmer, correcting=correcting)
        if not replacement.is_possible:
            return []
        near: dict[UUID, None] = {}
        for model, vector in vectors.items():
            query = NearestQuery(model, vector, None, _RELATED)
            found = await self._cache.nearest(writer.connection, writer.user, query)
            near |= dict.fromkeys(memory for memory, _ in found)
        return [
            memory
            for memory in near
            if replacement.takes_place_of(await self._content(writer, memory))
        ]

    async def _content(self, writer: MemoryWriter, memory: UUID) -> str:
        """Return what a memory says; nothing if it does not count any more, or cannot be opened."""
        stored = await store.get(writer.connection, writer.user, memory)
        if stored.superseded_by is not None:
            return ""
        try:
            return self._sealer.open(writer.user, memory, stored.sealed).content
        except SealError:
            return ""  # its own routes tell of it
