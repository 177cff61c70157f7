"""The memories that fit a chat message, found in time or not at all.

A search always finds something, and its scores only say what fits best. `fit.py` decides whether
that fits at all.
"""

from __future__ import annotations

import logging
from itertools import islice
from uuid import UUID

import psycopg

from pisovereign.errors import PiSovereignError, SealError
from pisovereign.memory.fit import FitRule
from pisovereign.memory.records import TextSealer
from pisovereign.memory.retrieval import Retriever, SearchHit
from pisovereign.memory.types import RecalledMemory, RecallResult
from pisovereign.search_index.late_searches import LateSearches
from pisovereign.search_index.terms import Stemmer

_log = logging.getLogger(__name__)
# A search takes milliseconds, and the answer has to wait for it.
_ENCODE_LIMIT_S = 1.0
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
        self._late = LateSearches[RecallResult]("memories")
        self.stop = self._late.stop

    async def recall(self, user: UUID, message: str) -> RecallResult:
        """Return the memories that fit, best first; none if they are not found in time."""
        if not self._limit:
            return RecallResult([])
        return await self._late.wait_for(self._search(user, message)) or _NOTHING

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
        if not rule.accepts(text.content, found.similarities):
            return None
        return RecalledMemory(memory.id, memory.kind, text, found.similarity)
