"""Adding and changing memories: nothing twice, and corrections before what they correct."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from msgspec import UNSET, structs

from pisovereign.errors import Conflict, NotFound, SealError, ValidationFailed
from pisovereign.memory import store
from pisovereign.memory.duplicates import covers
from pisovereign.memory.predecessors import Predecessors
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.sources import MemorySources, NewSource
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.types import (
    MOST_TAGS,
    Kind,
    MemoryChange,
    MemoryText,
    NewMemory,
    parse_kind,
)
from pisovereign.memory.writer import MemoryWriter, open_writer
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_types import NearestQuery
from pisovereign.search_index.terms import Stemmer
from pisovereign.storage.pool import Database

# How many of the nearest memories are compared word by word.
_NEIGHBORS = 3
_ATTEMPTS = 5


class Added(NamedTuple):
    """A memory that is stored now; `merged`: under the id of an old one that said the same."""

    memory: StoredMemory
    merged: bool


class MemoryEditor:
    """Adds, changes and deletes memories.

    Args:
        database: Where they are.
        sealer: Seals and opens their text.
        rows: Makes rows of texts.
        sources: Notes why each is remembered.
        cache: Finds similar ones.
        stemmer: Compares words.
        merge_threshold: Least cosine of two memories that may be the same one.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: TextSealer,
        rows: RowBuilder,
        sources: MemorySources,
        cache: IndexCache,
        stemmer: Stemmer,
        merge_threshold: float,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._rows = rows
        self._sources = sources
        self._cache = cache
        self._stemmer = stemmer
        self._merge_threshold = merge_threshold
        self._predecessors = Predecessors(sealer, cache, stemmer, rows.model)

    async def add(
        self, user: UUID, new: NewMemory, source: NewSource, *, spoken: bool = False
    ) -> Added:
        """Store a memory, or merge it into one that says the same.

        Args:
            user: The owner.
            new: The memory.
            source: Why it is remembered.
            spoken: It is what the user said, so it takes the place of what they said of the same
                relation before.

        Raises:
            ValidationFailed: `corrects` does not fit.
        """
        kind = parse_kind(new.memory_type)
        if new.corrects is not None and kind != "correction":
            raise _corrects("needs the memory_type correction")
        text = MemoryText(new.content, new.summary, new.tags)
        vectors = await self._rows.vectors(text)
        vector = vectors.get(self._rows.model)
        async with open_writer(self._database, user, within_quota=True) as writer:
            duplicate = await self._duplicate(writer, vector, kind, text)
            superseded = await self._predecessors.find(writer, vectors, new, spoken=spoken)
            identifier = uuid4() if duplicate is None else duplicate.memory.id
            if duplicate is None:
                row = self._rows.row(
                    user, identifier, text, vectors, kind=kind, importance=new.importance
                )
                await writer.add(row)
            else:
                importance = max(new.importance, duplicate.memory.base_importance)
                row = self._rows.row(
                    user, identifier, duplicate.text, vectors, kind=kind, importance=importance
                )
                await writer.replace(row, keep_vectors=duplicate.text.content != new.content)
            await self._sources.add(writer.connection, user, identifier, source)
            for old in superseded:
                if old != identifier:
                    await self._supersede(writer, old, identifier)
            return Added(
                await store.get(writer.connection, user, identifier), duplicate is not None
            )

    async def change(self, user: UUID, memory: UUID, change: MemoryChange) -> StoredMemory:
        """Change what `change` names.

        Raises:
            NotFound: unknown, or somebody else's.
            SealError: what is to be kept of the text cannot be opened.
            Conflict: others keep changing it.
        """
        for _ in range(_ATTEMPTS):
            async with self._database.transaction(user) as connection:
                before = await store.get(connection, user, memory)
            if all(value is UNSET for value in structs.astuple(change)):
                return before
            text = self._changed_text(user, before, change)
            same_text = change.content is UNSET and change.summary is UNSET
            vectors = {} if same_text else await self._rows.vectors(text)
            async with open_writer(self._database, user, within_quota=True) as writer:
                current = await store.get(writer.connection, user, memory)
                # Computing the vector took a while, and others may have changed the memory.
                if current.updated_at == before.updated_at:
                    kind = before.kind
                    if change.memory_type is not UNSET:
                        kind = parse_kind(change.memory_type)
                    importance = before.base_importance
                    if change.importance is not UNSET:
                        importance = change.importance
                    row = self._rows.row(
                        user, memory, text, vectors, kind=kind, importance=importance
                    )
                    await writer.replace(row, keep_vectors=same_text)
                    if change.content is not UNSET and text.content != self._content(user, before):
                        await self._sources.forget_words(writer.connection, user, memory)
                    return await store.get(writer.connection, user, memory)
        raise Conflict("The memory is being changed by others")

    async def delete(self, user: UUID, memory: UUID) -> None:
        """Delete a memory.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with open_writer(self._database, user) as writer:
            if not await writer.delete(memory):
                raise NotFound("No such memory")

    async def delete_some(self, user: UUID, memories: Sequence[UUID]) -> int:
        """Delete these memories of the user; returns how many of them there were."""
        async with open_writer(self._database, user) as writer:
            return sum([await writer.delete(memory) for memory in dict.fromkeys(memories)])

    async def delete_all(self, user: UUID) -> int:
        """Delete every memory of the user; returns how many there were."""
        async with open_writer(self._database, user) as writer:
            return await writer.delete_all()

    async def _duplicate(
        self, writer: MemoryWriter, vector: array[float] | None, kind: Kind, new: MemoryText
    ) -> _Duplicate | None:
        """Return the old memory that says the same, and what is kept of both texts."""
        for identifier in await self._similar(writer, vector, kind, new):
            memory = await store.get(writer.connection, writer.user, identifier)
            try:
                old = self._sealer.open(writer.user, identifier, memory.sealed)
            except SealError:
                continue  # its own routes tell of it
            if (text := merged_text(old, new, self._stemmer)) is not None:
                return _Duplicate(memory, text)
        return None

    async def _similar(
        self, writer: MemoryWriter, vector: array[float] | None, kind: Kind, new: MemoryText
    ) -> list[UUID]:
        """Return memories whose words are worth comparing, the most similar ones first.

        A client that had no answer sends the same again. That is noticed also when the model did
        not read the one or the other: all of its terms are the same.
        """
        connection, user = writer.connection, writer.user
        near: list[tuple[UUID, float]] = []
        if vector is not None:
            near = await self._cache.nearest(
                connection, user, NearestQuery(self._rows.model, vector, kind, _NEIGHBORS)
            )
        similar = [memory for memory, cosine in near if cosine >= self._merge_threshold]
        terms = self._rows.terms(user, new)
        repeated = await store.with_terms(connection, user, kind, terms, _NEIGHBORS)
        return list(dict.fromkeys((*similar, *repeated)))

    async def _supersede(self, writer: MemoryWriter, memory: UUID, by: UUID) -> None:
        if not await writer.supersede(memory, by):
            raise _corrects("is not one of your memories")

    def _content(self, user: UUID, memory: StoredMemory) -> str | None:
        try:
            return self._sealer.open(user, memory.id, memory.sealed).content
        except SealError:
            return None

    def _changed_text(self, user: UUID, before: StoredMemory, change: MemoryChange) -> MemoryText:
        given = {
            name: value
            for name in ("content", "summary", "tags")
            if (value := getattr(change, name)) is not UNSET
        }
        if len(given) == len(MemoryText.__struct_fields__):
            return MemoryText(**given)
        return structs.replace(self._sealer.open(user, before.id, before.sealed), **given)


class _Duplicate(NamedTuple):
    """An old memory that says what a new one says, and their common text."""

    memory: StoredMemory
    text: MemoryText


def merged_text(old: MemoryText, new: MemoryText, stemmer: Stemmer) -> MemoryText | None:
    """Return the text that says everything of both, with the tags of both; None if neither does."""
    if covers(new.content, old.content, stemmer):
        text = new
    elif covers(old.content, new.content, stemmer):
        text = old
    else:
        return None
    tags = list(dict.fromkeys((*old.tags, *new.tags)))[:MOST_TAGS]
    return MemoryText(text.content, text.summary, tags)


def _corrects(problem: str) -> ValidationFailed:
    return ValidationFailed([{"field": "corrects", "error": problem}])
