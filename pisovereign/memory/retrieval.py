"""Searching memories, by meaning and by words."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.engine_client.encoder import SEARCH_LIMIT_S
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.languages.letters import likely_language
from pisovereign.memory import store
from pisovereign.memory.scoring import score, score_parts
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.types import Kind, ScoreParts
from pisovereign.search_index.index import OwnerIndex
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_types import Candidate, RankQuery
from pisovereign.search_index.terms import TermHasher
from pisovereign.storage.pool import Database
from pisovereign.telemetry.timed_status import TimedStatus, timed

# Importance and recency can lift a memory by a few ranks, so a few more are looked at.
SPARE_CANDIDATES = 10
STATUSES = ("success", "words_only", "refused", "failed", "cancelled")
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class SearchHit(NamedTuple):
    """A memory that a search found, and why.

    `similarities` has the cosine by each model that has read both the question and the memory;
    `similarity` is that of the model which knows their languages best, None if there is none.
    """

    memory: StoredMemory
    parts: ScoreParts
    score: float
    similarities: dict[str, float]
    similarity: float | None


class SearchResult(NamedTuple):
    """The result of a search; `complete`: by meaning too, not by words alone."""

    found: list[SearchHit]
    complete: bool


class RetrievalMetrics:
    """Counters of searches, whether for chat or for a client.

    Searches by words alone, because the model was away, are `words_only`.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        searches = Counter(
            "memory_searches", "Searches by how they ended", ["status"], registry=registry
        )
        self._by_status = {status: searches.labels(status=status) for status in STATUSES}
        self._seconds = Histogram(
            "memory_search_duration_seconds",
            "Time that searches took",
            buckets=BUCKETS_S,
            registry=registry,
        )
        self.found = Counter("memory_found", "Memories that searches gave", registry=registry)

    @contextlib.contextmanager
    def search(self) -> Iterator[TimedStatus]:
        """Count one search."""

        def tell(status: str, seconds: float) -> None:
            self._by_status[status].inc()
            self._seconds.observe(seconds)

        with timed("success", tell) as outcome:
            yield outcome


class Retriever:
    """Finds memories by meaning and by words."""

    def __init__(
        self,
        database: Database,
        cache: IndexCache,
        encoders: EncoderSet,
        hasher: TermHasher,
        meter: RetrievalMetrics | None = None,
    ) -> None:
        self._database = database
        self._cache = cache
        self._encoders = encoders
        self._hasher = hasher
        self._meter = meter or RetrievalMetrics()

    async def search(
        self,
        user: UUID,
        text: str,
        *,
        limit: int,
        kind: Kind | None = None,
        threshold: float | None = None,
        encode_limit_s: float = SEARCH_LIMIT_S,
    ) -> SearchResult:
        """Return the best memories for `text`, best first.

        Without an engine they are found by their words alone, and without one of several models by
        the others.

        Args:
            user: The owner.
            text: What is looked for.
            limit: How many at most.
            kind: Only memories of this kind.
            threshold: Only memories whose `similarity` is at least this.
            encode_limit_s: Seconds the model may take; after them, words alone have to do.
        """
        with self._meter.search() as outcome:
            index, vectors = await self._prepared(user, text, encode_limit_s)
            if index is not None and not index:
                return SearchResult([], complete=True)
            if not vectors:
                outcome.status = "words_only"
            language = likely_language(text)
            query = RankQuery(
                vectors=vectors,
                terms=self._hasher.query(user, text, language),
                language=language,
                kind=kind,
                limit=limit + SPARE_CANDIDATES,
                threshold=threshold,
            )
            found = (await self._ranked(user, index, query))[:limit]
        self._meter.found.inc(len(found))
        return SearchResult(found, len(vectors) == len(self._encoders.models))

    async def _prepared(
        self, user: UUID, text: str, limit_s: float
    ) -> tuple[OwnerIndex | None, dict[str, array[float]]]:
        """Return the owner's index, None if there can be none, and the question's vectors.

        No connection is held while the models are waited for, and they are not waited for where
        there is nothing to find.
        """
        encoding = asyncio.create_task(self._encoders.question(user, text, limit_s))
        try:
            index = await self._cache.ready(self._database, user)
            if index is not None and not index:
                return index, {}
            return index, await encoding
        finally:
            encoding.cancel()

    async def _ranked(
        self, user: UUID, index: OwnerIndex | None, query: RankQuery
    ) -> list[SearchHit]:
        if index is None:
            candidates = await self._cache.rank_in_database(self._database, user, query)
        else:
            candidates = index.rank(query)
        if not candidates:
            return []
        ids = [candidate.id for candidate in candidates]
        return hits(candidates, await store.found(self._database, user, ids))


def hits(candidates: Sequence[Candidate], rows: Mapping[UUID, StoredMemory]) -> list[SearchHit]:
    """Return the candidates that still exist with importance and age counted, the best first."""
    best = max((candidate.relevance for candidate in candidates), default=0.0)
    now, results = dt.datetime.now(dt.UTC), []
    for candidate in candidates:
        row = rows.get(candidate.id)
        if row is None:
            continue
        parts = score_parts(
            candidate.dense,
            candidate.lexical,
            best,
            importance=row.importance,
            age=now - row.updated_at,
        )
        results.append(SearchHit(row, parts, score(parts), candidate.cosines, candidate.similarity))
    # Those that fit as little as nothing keep their order.
    results.sort(key=lambda found: -found.score)
    return results
