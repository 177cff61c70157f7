"""The memories that fit a chat message, found in time or not at all.

A search always finds something, and its scores only say what fits best. Whether that fits at all is
told by the cosine, but only in English: to all-MiniLM-L6-v2 any two German sentences are similar.
So words decide for a message that is not recognized as English. `bench.retrieval.chat` measures it.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import islice
from uuid import UUID

import psycopg

from pisovereign.errors import PiSovereignError, SealError
from pisovereign.languages.detection import is_english
from pisovereign.languages.words import STOP_WORDS, split_words
from pisovereign.logs import log_unexpected
from pisovereign.memory.records import TextSealer
from pisovereign.memory.retrieval import Retriever, SearchHit
from pisovereign.memory.terms import Stemmer
from pisovereign.memory.types import RecalledMemory, RecallResult

# How many words of a message a memory has to share; one, if the message has no more than that.
SHARED_WORDS = 2
# The cosine of German sentences about different things hardly ever reaches it.
FOREIGN_THRESHOLD = 0.7
_log = logging.getLogger(__name__)
# A search takes milliseconds, and the answer has to wait for it.
_ENCODE_LIMIT_S = 1.0
_LIMIT_S = 2.0
# Searches that took too long go on, because an index that they load serves the next message. While
# there are this many of them, the database has enough to do.
_MOST_LATE = 4
# The best of what fits are taken, so a few more are looked at than are wanted.
_SPARE = 10
_NOTHING = RecallResult([], complete=False)


class Recall:
    """Finds the memories for chat messages.

    Args:
        retriever: Searches.
        sealer: Opens their text.
        stemmer: Compares words.
        limit: How many at most; 0: none.
        threshold: Least cosine of a memory and an English message.
    """

    def __init__(
        self,
        retriever: Retriever,
        sealer: TextSealer,
        stemmer: Stemmer,
        limit: int,
        threshold: float,
    ) -> None:
        self._retriever = retriever
        self._sealer = sealer
        self._stemmer = stemmer
        self._limit = limit
        self._threshold = threshold
        self._late: set[asyncio.Task[RecallResult]] = set()

    async def recall(self, user: UUID, message: str) -> RecallResult:
        """Return the memories that fit, best first; none if they are not found in time."""
        if not self._limit:
            return RecallResult([])
        if len(self._late) >= _MOST_LATE:
            _log.warning("an answer goes without memories: earlier searches still run")
            return _NOTHING
        task = asyncio.create_task(self._search(user, message))
        try:
            await asyncio.wait((task,), timeout=_LIMIT_S)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.done():
            _log.warning("an answer goes without memories: they were not found in time")
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return _NOTHING
        if error := task.exception():
            log_unexpected(error)
            return _NOTHING
        return task.result()

    async def stop(self) -> None:
        """End the searches that nobody waits for any more."""
        late = list(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _search(self, user: UUID, message: str) -> RecallResult:
        try:
            hits = await self._retriever.search(
                user, message, limit=self._limit + _SPARE, encode_limit_s=_ENCODE_LIMIT_S
            )
        except (PiSovereignError, psycopg.Error) as error:
            # A text of the database may quote what it could not read.
            reason = error.message if isinstance(error, PiSovereignError) else type(error).__name__
            _log.warning("an answer goes without memories: %s", reason)
            return _NOTHING
        rule = FitRule(message, self._threshold, self._stemmer)
        fitting = (self._recalled(user, row, rule) for row in hits.found)
        kept = list(islice((memory for memory in fitting if memory), self._limit))
        return RecallResult(kept, hits.complete)

    def _recalled(self, user: UUID, found: SearchHit, rule: FitRule) -> RecalledMemory | None:
        memory = found.memory
        # A correction may have come between the ranking and the reading.
        if memory.superseded_by is not None:
            return None
        try:
            text = self._sealer.open(user, memory.id, memory.sealed)
        except SealError:
            return None  # its own routes tell of it
        if not rule.accepts(text.content, found.similarity):
            return None
        return RecalledMemory(memory.id, memory.kind, text, found.similarity)


class FitRule:
    """Decides which memories fit a message.

    Args:
        message: What the user says.
        threshold: Least cosine for a message in English.
        stemmer: Compares words.
    """

    def __init__(self, message: str, threshold: float, stemmer: Stemmer) -> None:
        english = is_english(message)
        self._least_cosine = threshold if english else max(threshold, FOREIGN_THRESHOLD)
        self._by_words = not english
        self._shared = SharedWords(message, stemmer)

    def accepts(self, memory: str, cosine: float | None) -> bool:
        """Return whether a memory fits; `cosine` is None if a vector of either is missing."""
        if cosine is not None and cosine >= self._least_cosine:
            return True
        return (self._by_words or cosine is None) and self._shared.enough(memory)


class SharedWords:
    """Compares the words of a message, without stop words, with those of memories."""

    def __init__(self, message: str, stemmer: Stemmer) -> None:
        self._stemmer = stemmer
        self._wanted = [
            set(stemmer.parts(word))
            for word in dict.fromkeys(split_words(message))
            if word not in STOP_WORDS
        ]

    def count(self, memory: str) -> int:
        """Return how many of the message's words the memory has in any form."""
        present = set(self._stemmer.parts(memory))
        return sum(not present.isdisjoint(parts) for parts in self._wanted)

    def enough(self, memory: str) -> bool:
        """Return whether they are so many that the memory fits."""
        return self.count(memory) >= (SHARED_WORDS if len(self._wanted) > SHARED_WORDS else 1)
