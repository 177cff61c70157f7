"""Adding and changing memories: nothing twice, and corrections before what they correct."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID, uuid4

from msgspec import UNSET, structs

from pisovereign.errors import Conflict, NotFound, SealError, ValidationFailed
from pisovereign.languages.detection import language_of
from pisovereign.memory import store
from pisovereign.memory.duplicates import covers
from pisovereign.memory.fit import MULTILINGUAL
from pisovereign.memory.index_cache import IndexCache
from pisovereign.memory.index_types import NearestQuery
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.relations import Replacement
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.terms import Stemmer
from pisovereign.memory.types import (
    MOST_TAGS,
    Kind,
    MemoryChange,
    MemoryText,
    NewMemory,
    parse_kind,
)
from pisovereign.memory.writer import MemoryWriter, open_writer
from pisovereign.storage.pool import Database

# How many of the nearest memories are compared word by word.
_NEIGHBORS = 3
# Of ten corrections and what each corrects, the lowest cosine was 0.67; of eight pairs of memories
# about similar things, of which none corrects the other, the highest was 0.64.
CORRECTION_THRESHOLD = 0.65
"""By the English model for English, and by the multilingual one, where it is in use, for others."""
# How many are looked at that may say of the same relation what was true before.
_RELATED = 20
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
        cache: IndexCache,
        stemmer: Stemmer,
        merge_threshold: float,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._rows = rows
        self._cache = cache
        self._stemmer = stemmer
        self._merge_threshold = merge_threshold

    async def add(self, user: UUID, new: NewMemory, *, spoken: bool = False) -> Added:
        """Store a memory, or merge it into one that says the same.

        Args:
            user: The owner.
            new: The memory.
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
        async with open_writer(self._database, user) as writer:
            duplicate = await self._duplicate(writer, vector, kind, text)
            corrected = await self._corrected(writer, vectors, new)
            replaced = await self._replaced(writer, vectors, new) if spoken else []
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
            if corrected is not None and not replaced:
                replaced = [corrected]
            for old in replaced:
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
            async with open_writer(self._database, user) as writer:
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

    async def _corrected(
        self, writer: MemoryWriter, vectors: Mapping[str, array[float]], new: NewMemory
    ) -> UUID | None:
        """Return the memory that a correction corrects: the one it names, else the most similar."""
        if parse_kind(new.memory_type) != "correction" or new.corrects is not None:
            return new.corrects
        model = self._rows.model
        if language_of(new.content) != "en" and MULTILINGUAL in vectors:
            model = MULTILINGUAL
        if model not in vectors:
            return None
        query = NearestQuery(model, vectors[model], None, 1)
        near = await self._cache.nearest(writer.connection, writer.user, query)
        return next((memory for memory, cosine in near if cosine >= CORRECTION_THRESHOLD), None)

    async def _replaced(
        self, writer: MemoryWriter, vectors: Mapping[str, array[float]], new: NewMemory
    ) -> list[UUID]:
        """Return the memories that said of the same relation what was true before."""
        correcting = parse_kind(new.memory_type) == "correction"
        replacement = Replacement(new.content, self._stemmer, correcting=correcting)
        if not replacement.is_possible:
            return []
        connection, user = writer.connection, writer.user
        near: dict[UUID, None] = {}
        for model, vector in vectors.items():
            query = NearestQuery(model, vector, None, _RELATED)
            found = await self._cache.nearest(connection, user, query)
            near |= dict.fromkeys(memory for memory, _ in found)
        replaced = []
        for identifier in near:
            memory = await store.get(connection, user, identifier)
            with contextlib.suppress(SealError):  # its own routes tell of it
                old = self._sealer.open(user, identifier, memory.sealed)
                if memory.superseded_by is None and replacement.takes_place_of(old.content):
                    replaced.append(identifier)
        return replaced

    async def _supersede(self, writer: MemoryWriter, memory: UUID, by: UUID) -> None:
        if not await writer.supersede(memory, by):
            raise _corrects("is not one of your memories")

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
