"""Facts that users ask to be remembered, ask about, and ask to be forgotten."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pisovereign.engine_client.encoder import SEARCH_LIMIT_S
from pisovereign.errors import SealError
from pisovereign.languages import LANGUAGES
from pisovereign.languages.words import STOP_WORDS, split_words, word_list
from pisovereign.memory import store
from pisovereign.memory.concepts import concepts_in, told_as
from pisovereign.memory.editor import Added, MemoryEditor
from pisovereign.memory.fit import AnswerRule, SureAnswerRule, nearest_only
from pisovereign.memory.records import TextSealer
from pisovereign.memory.retrieval import Retriever, SearchHit
from pisovereign.memory.sources import NewSource
from pisovereign.memory.statements import requested_statement
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.types import MemoryText, NewMemory
from pisovereign.search_index.terms import Stemmer
from pisovereign.storage.pool import Database

IMPORTANCE = 0.8
"""Of what somebody asks to be remembered."""
FACTS_SHOWN = 20
# More are looked at than are wanted, as some do not fit.
_SPARE = 10
# Words of a question about everything that is known: "what do you know about me".
_MEMORY_WORDS = frozenset().union(*(word_list(code, "memory_words") for code in LANGUAGES))
_SAID = frozenset(("fact", "preference", "correction"))
_ENCODE_LIMIT_S = 1.0  # an answer waits for it
_BESIDE = dt.timedelta(hours=1)

KnownFact = tuple[StoredMemory, MemoryText]


class Facts:
    """Stores and finds facts by what users say.

    Args:
        database: Where memories are.
        editor: Stores them.
        retriever: Finds them.
        sealer: Opens their text.
        stemmer: Compares words.
        threshold: Least cosine of a memory and an English question.
    """

    def __init__(
        self,
        *,
        database: Database,
        editor: MemoryEditor,
        retriever: Retriever,
        sealer: TextSealer,
        stemmer: Stemmer,
        threshold: float,
    ) -> None:
        self._database = database
        self._editor = editor
        self._retriever = retriever
        self._sealer = sealer
        self._stemmer = stemmer
        self._threshold = threshold

    async def remember(self, user: UUID, text: str) -> Added:
        """Store what a user asks to be remembered, with or without the words that ask for it."""
        statement = requested_statement(text)
        new = NewMemory(
            content=statement.content,
            summary=statement.summary,
            memory_type=statement.kind,
            importance=IMPORTANCE,
        )
        return await self._editor.add(user, new, NewSource("asked", text), spoken=True)

    async def about(
        self, user: UUID, question: str | None, limit: int = FACTS_SHOWN
    ) -> tuple[list[KnownFact], int]:
        """Return the memories that answer a question, the best first, and how many there are.

        Without a question, or for one about all that is known, they are the newest.
        """
        if question is None or _is_about_all(question):
            return await self._newest(user, limit)
        hits = await self._search(user, question, limit + _SPARE, SEARCH_LIMIT_S)
        rule = AnswerRule(question, self._threshold, self._stemmer)
        fitting = [
            (hit, text)
            for hit in hits
            if (text := self._opened(user, hit.memory))
            and rule.accepts(text.content, hit.similarities)
        ]
        near = nearest_only([hit.similarities for hit, _ in fitting])
        kept = [
            (hit.memory, text)
            for (hit, text), is_near in zip(fitting, near, strict=True)
            if is_near
        ]
        return kept[:limit], len(kept)

    async def answers(self, user: UUID, question: str) -> bool:
        """Return whether a fact certainly answers a question, which may be about anything.

        What was said within an hour of a fact may say whom it is about.
        """
        hits = await self._search(user, question, FACTS_SHOWN, _ENCODE_LIMIT_S)
        rule = SureAnswerRule(question, self._stemmer)
        opened = [
            (hit, text.content)
            for hit in hits
            if (text := self._opened(user, hit.memory)) and hit.memory.kind in _SAID
        ]
        return any(
            rule.accepts(
                fact,
                [said for other, said in opened if other is not hit and _beside(hit, other)],
                hit.similarities,
            )
            for hit, fact in opened
        )

    async def _search(
        self, user: UUID, question: str, limit: int, encode_limit_s: float
    ) -> list[SearchHit]:
        """Return what is near to a question, or to how an answer to it is told."""
        found = await self._retriever.search(
            user, question, limit=limit, encode_limit_s=encode_limit_s
        )
        named = concepts_in(question)
        if not named:
            return found.found
        told = await self._retriever.search(
            user, told_as(named), limit=limit, encode_limit_s=encode_limit_s
        )
        hits = {hit.memory.id: hit for hit in found.found}
        for hit in told.found:
            known = hits.get(hit.memory.id, hit)
            nearest = {
                model: max(cosine, known.similarities.get(model, cosine))
                for model, cosine in hit.similarities.items()
            }
            hits[hit.memory.id] = known._replace(similarities=nearest)
        return list(hits.values())

    async def _newest(self, user: UUID, limit: int) -> tuple[list[KnownFact], int]:
        async with self._database.transaction(user) as connection:
            listed, total = await store.page(connection, user, None, limit + _SPARE, 0)
        opened = [(memory, text) for memory in listed if (text := self._opened(user, memory))]
        return opened[:limit], total - len(listed) + len(opened)

    def _opened(self, user: UUID, memory: StoredMemory) -> MemoryText | None:
        """Return the text of a memory that still counts."""
        if memory.superseded_by is not None:
            return None
        try:
            return self._sealer.open(user, memory.id, memory.sealed)
        except SealError:
            return None  # its own routes tell of it


def _beside(hit: SearchHit, other: SearchHit) -> bool:
    return abs(hit.memory.created_at - other.memory.created_at) <= _BESIDE


def _is_about_all(question: str) -> bool:
    return all(word in STOP_WORDS or word in _MEMORY_WORDS for word in split_words(question))
