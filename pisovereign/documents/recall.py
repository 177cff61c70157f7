"""The passages that fit a chat message, found in time or not at all."""

from __future__ import annotations

import logging
from uuid import UUID

import psycopg

from pisovereign.documents.cutting import excerpt, sentences_of
from pisovereign.documents.search import Hit, PassageSearch
from pisovereign.documents.types import RecalledPassage
from pisovereign.errors import PiSovereignError
from pisovereign.languages.words import STOP_WORDS, split_words
from pisovereign.search_index.late_searches import LateSearches
from pisovereign.search_index.terms import Stemmer

_log = logging.getLogger(__name__)
_ENCODE_LIMIT_S = 1.0
_SPARE = 3
# The engine reads every token before it answers: what a passage says of the message is enough.
EXCERPT_CHARACTERS = 600


class PassageRecall:
    """Finds passages for chat messages.

    Args:
        search: Searches.
        stemmer: Compares words.
        limit: How many at most; 0: none.
    """

    def __init__(self, search: PassageSearch, stemmer: Stemmer, limit: int) -> None:
        self._search = search
        self._stemmer = stemmer
        self._limit = limit
        self._late = LateSearches[list[RecalledPassage]]("documents")
        self.stop = self._late.stop

    async def recall(self, user: UUID, message: str) -> list[RecalledPassage]:
        """Return the passages that fit, best first; none if they are not found in time."""
        if not self._limit:
            return []
        return await self._late.wait_for(self._find(user, message)) or []

    async def _find(self, user: UUID, message: str) -> list[RecalledPassage]:
        try:
            hits = await self._search.search(
                user, message, limit=self._limit + _SPARE, encode_limit_s=_ENCODE_LIMIT_S
            )
        except (PiSovereignError, psycopg.Error) as error:
            reason = error.message if isinstance(error, PiSovereignError) else type(error).__name__
            _log.warning("an answer goes without documents: %s", reason)
            return []
        wanted = self._words(message)
        shared = [self._shared(wanted, f"{hit.name} {hit.text}") for hit in hits]
        fitting = self._search.fitting(message, hits, shared)
        return [self._recalled(hit, wanted) for hit in fitting[: self._limit]]

    def _recalled(self, hit: Hit, wanted: list[set[str]]) -> RecalledPassage:
        sentences = sentences_of(hit.text)
        counts = [self._shared(wanted, sentence) for sentence in sentences]
        return RecalledPassage(
            id=hit.passage.id,
            document_id=hit.document.id,
            document=hit.name,
            page=hit.passage.page,
            headings=hit.headings,
            excerpt=excerpt(hit.text, counts, sentences, EXCERPT_CHARACTERS),
        )

    def _words(self, message: str) -> list[set[str]]:
        words = dict.fromkeys(split_words(message))
        return [set(self._stemmer.parts(word)) for word in words if word not in STOP_WORDS]

    def _shared(self, wanted: list[set[str]], text: str) -> int:
        present = set(self._stemmer.parts(text))
        return sum(not present.isdisjoint(parts) for parts in wanted)
