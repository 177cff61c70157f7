"""Everything that a user can do with memories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.errors import NotFound, SealError
from pisovereign.memory import store
from pisovereign.memory.decay import Decay
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.facts import FACTS_SHOWN, Facts
from pisovereign.memory.learning import Learner
from pisovereign.memory.recall import Recall
from pisovereign.memory.records import TextSealer
from pisovereign.memory.retrieval import Retriever, SearchHit
from pisovereign.memory.sources import MemorySources, NewSource
from pisovereign.memory.statements import is_about_text
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.types import (
    CreatedMemory,
    DecayReport,
    EmbeddingProgress,
    FoundMemory,
    Imported,
    ImportedMemory,
    KindCount,
    ListQuery,
    Memory,
    MemoryChange,
    MemoryOrigin,
    MemoryText,
    NewMemory,
    RecallResult,
    SearchQuery,
    Stats,
    label,
    parse_kind,
)
from pisovereign.memory.usage import UsageCounter
from pisovereign.storage.pool import Connection, Database

_EXPORTED_AT_ONCE = 200
_SUMMARY_CHARACTERS = 200
# What was said just before takes milliseconds to be learned, if nothing is away.
_CATCH_UP_S = 1.0


class MemoryService:
    """The rules behind the memory routes."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: TextSealer,
        sources: MemorySources,
        editor: MemoryEditor,
        retriever: Retriever,
        recall: Recall,
        facts: Facts,
        learner: Learner,
        uses: UsageCounter,
        decay: Decay,
        models: Sequence[str],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._sources = sources
        self._editor = editor
        self._retriever = retriever
        self._recall = recall
        self._facts = facts
        self._learner = learner
        self._uses = uses
        self._decay = decay
        self._models = tuple(models)

    async def create(self, user: UUID, new: NewMemory) -> CreatedMemory:
        """Remember something, or merge it into a memory that says the same.

        Raises:
            ValidationFailed: `corrects` does not fit.
        """
        added = await self._editor.add(user, new, NewSource("added"))
        return CreatedMemory(**self._fields(user, added.memory), merged=added.merged)

    async def get(self, user: UUID, memory: UUID) -> Memory:
        """Return one memory, which counts as used then.

        Raises:
            NotFound: unknown, or somebody else's.
            SealError: its text cannot be opened.
        """
        async with self._database.transaction(user) as connection:
            stored = await store.get(connection, user, memory)
            older = await store.superseded_by(connection, user, memory)
        text = self._sealer.open(user, stored.id, stored.sealed)
        self._uses.count(user, [memory])
        return Memory(**_fields(stored, text) | ({"supersedes": older} if older else {}))

    async def change(self, user: UUID, memory: UUID, change: MemoryChange) -> Memory:
        """Change a memory.

        Raises:
            NotFound: unknown, or somebody else's.
            SealError: what is to be kept of its text cannot be opened.
            Conflict: others keep changing it.
        """
        return Memory(**self._fields(user, await self._editor.change(user, memory, change)))

    async def delete(self, user: UUID, memory: UUID) -> None:
        """Forget a memory.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        await self._editor.delete(user, memory)

    async def forget(self, user: UUID, memories: Sequence[UUID]) -> int:
        """Forget these; returns how many of them there were."""
        return await self._editor.delete_some(user, memories)

    async def import_all(self, user: UUID, memories: Sequence[ImportedMemory]) -> Imported:
        """Remember what was exported, here or elsewhere; what is known already is merged."""
        merged = 0
        for one in memories:
            new = NewMemory(
                content=one.content,
                summary=one.summary or one.content.strip()[:_SUMMARY_CHARACTERS],
                memory_type=one.memory_type,
                importance=one.importance,
                tags=one.tags,
            )
            merged += (await self._editor.add(user, new, NewSource("imported"))).merged
        return Imported(added=len(memories) - merged, merged=merged)

    async def origin(self, user: UUID, memory: UUID) -> MemoryOrigin:
        """Return why something is remembered.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            found = await self._sources.of(connection, user, memory)
        if found is None:
            raise NotFound("No such memory")
        return found

    async def delete_all(self, user: UUID) -> int:
        """Forget everything, also what is not learned yet; returns how many memories there were."""
        await self._learner.forget(user)
        return await self._editor.delete_all(user)

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Memory], int]:
        """Return a page of memories, the newest first, and how many there are."""
        kind = None if query.memory_type is None else parse_kind(query.memory_type)
        async with self._database.transaction(user) as connection:
            listed, total = await store.page(connection, user, kind, query.limit, query.offset)
        return await self._shown(user, listed), total

    async def export(self, user: UUID) -> AsyncIterator[list[Memory]]:
        """Yield all memories, the oldest first, in batches."""
        last = 0
        while True:
            async with self._database.transaction(user) as connection:
                rows, last = await store.after(connection, user, last, _EXPORTED_AT_ONCE)
            if not rows:
                return
            yield await self._shown(user, rows)

    async def search(self, user: UUID, query: SearchQuery) -> list[FoundMemory]:
        """Return the best memories for a query; they count as used then."""
        kind = None if query.memory_type is None else parse_kind(query.memory_type)
        hits = await self._retriever.search(
            user, query.q, limit=query.limit, kind=kind, threshold=query.threshold
        )
        self._uses.count(user, [row.memory.id for row in hits.found])
        return [self._found(user, row) for row in hits.found]

    async def remember(self, user: UUID, statement: str) -> CreatedMemory:
        """Store a fact that the user wants to be remembered, in their words."""
        added = await self._facts.remember(user, statement)
        return CreatedMemory(**self._fields(user, added.memory), merged=added.merged)

    async def facts(
        self, user: UUID, question: str | None, limit: int = FACTS_SHOWN
    ) -> tuple[list[Memory], int]:
        """Return the memories that answer a question, or the newest, and how many there are.

        They count as used then.
        """
        await self._learner.caught_up(user, _CATCH_UP_S)
        found, total = await self._facts.about(user, question, limit)
        self._uses.count(user, [stored.id for stored, _ in found])
        return [Memory(**_fields(stored, text)) for stored, text in found], total

    async def recall(self, user: UUID, message: str) -> RecallResult:
        """Return the memories that fit a chat message, best first."""
        await self._learner.caught_up(user, _CATCH_UP_S)
        return await self._recall.recall(user, message)

    def used(self, user: UUID, memories: list[UUID]) -> None:
        """Count memories that chat showed the model as used."""
        self._uses.count(user, memories)

    async def would_learn(self, message: str) -> bool:
        """Return whether a message states something that `learn` makes a memory of."""
        return await self._learner.finds(message)

    @staticmethod
    def sets_a_task(message: str) -> bool:
        """Return whether a message sets a task about a text or a role: "translate this"."""
        return is_about_text(message)

    async def only_states(self, message: str) -> bool:
        """Return whether a message says nothing but what `learn` makes memories of."""
        return await self._learner.only_states(message)

    async def learn_now(self, user: UUID, message: str) -> list[CreatedMemory]:
        """Make memories of the statements of a message, and return them once they are stored."""
        return [
            CreatedMemory(**self._fields(user, added.memory), merged=added.merged)
            for added in await self._learner.learn_now(user, message)
        ]

    async def is_answered(self, user: UUID, question: str) -> bool:
        """Return whether what the user has said certainly answers a question."""
        await self._learner.caught_up(user, _CATCH_UP_S)
        return await self._facts.answers(user, question)

    async def learn(
        self, connection: Connection, user: UUID, exchange: UUID, message: str, answer: str
    ) -> None:
        """Learn later from what a user said in chat; see `Learner.add`."""
        await self._learner.add(connection, user, exchange, message, answer)

    async def unlearn(self, connection: Connection, user: UUID, exchange: UUID) -> None:
        """Learn nothing from what a user said, unless it was learned already."""
        await self._learner.drop(connection, user, exchange)

    async def stats(self, user: UUID) -> Stats:
        """Return how many memories there are, of each kind, and how many have a vector."""
        async with self._database.transaction(user) as connection:
            kinds = await store.count_kinds(connection, user)
            counts = await store.count_embedded(connection, user)
        embeddings = [EmbeddingProgress(model, counts.get(model, 0)) for model in self._models]
        return Stats(
            total=sum(kinds.values()),
            by_type=[KindCount(label(kind), count) for kind, count in kinds.items()],
            embedding=embeddings[0],
            embeddings=embeddings,
        )

    async def decay(self, user: UUID) -> DecayReport:
        """Bring the importance of the user's memories up to now."""
        return await self._decay.run(user)

    def _found(self, user: UUID, found: SearchHit) -> FoundMemory:
        return FoundMemory(
            **self._fields(user, found.memory),
            similarity=found.similarity,
            score=found.score,
            score_parts=found.parts,
        )

    async def _shown(self, user: UUID, stored: Sequence[StoredMemory]) -> list[Memory]:
        return await made_in_parts(lambda each: Memory(**self._fields(user, each)), stored)

    def _fields(self, user: UUID, stored: StoredMemory) -> dict[str, Any]:
        """Return what is shown of a memory; one that cannot be opened says why."""
        try:
            return _fields(stored, self._sealer.open(user, stored.id, stored.sealed))
        except SealError as error:
            return _fields(stored, MemoryText("", "", [])) | {"error": error.message}


def _fields(stored: StoredMemory, text: MemoryText) -> dict[str, Any]:
    return {
        "id": stored.id,
        "content": text.content,
        "summary": text.summary,
        "memory_type": label(stored.kind),
        "importance": stored.importance,
        "access_count": stored.access_count,
        "tags": text.tags,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "superseded_by": UNSET if stored.superseded_by is None else stored.superseded_by,
    }
