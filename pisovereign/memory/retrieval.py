"""Searching memories, by meaning and by words."""

from __future__ import annotations

import contextlib
import datetime as dt
from array import array
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.engine_client.encoder import SEARCH_LIMIT_S, Encoder
from pisovereign.errors import EngineMisbehaved, EngineUnavailable
from pisovereign.memory import store
from pisovereign.memory.index import RankQuery
from pisovereign.memory.index_cache import IndexCache
from pisovereign.memory.ranking import dense_weight, score, score_parts
from pisovereign.memory.records import as_halfvec
from pisovereign.memory.store import StoredMemory
from pisovereign.memory.terms import TermHasher
from pisovereign.memory.types import Kind, ScoreParts
from pisovereign.storage.pool import Database
from pisovereign.telemetry.outcome import Outcome, timed

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
    """What a search found; `complete`: by meaning too, not by words alone."""

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
    def search(self) -> Iterator[Outcome]:
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
        encoder: Encoder,
        hasher: TermHasher,
        meter: RetrievalMetrics | None = None,
    ) -> None:
        self._database = database
        self._cache = cache
        self._encoder = encoder
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

        Without an engine they are found by their words alone.

        Args:
            user: The owner.
            text: What is looked for.
            limit: How many at most.
            kind: Only memories of this kind.
            threshold: Only memories whose cosine is at least this.
            encode_limit_s: Seconds the model may take; after them, words alone have to do.
        """
        with self._meter.search() as outcome:
            vector = await self._vector(user, text, encode_limit_s)
            if vector is None:
                outcome.status = "words_only"
            found = await self._ranked(
                user, text, vector, limit=limit, kind=kind, threshold=threshold
            )
        self._meter.found.inc(len(found))
        return SearchResult(found, vector is not None)

    async def _ranked(
        self,
        user: UUID,
        text: str,
        vector: array[float] | None,
        *,
        limit: int,
        kind: Kind | None,
        threshold: float | None,
    ) -> list[SearchHit]:
        weight = dense_weight(text)
        query = RankQuery(
            vector=vector,
            terms=self._hasher.terms(user, text).hashes,
            kind=kind,
            limit=limit + SPARE_CANDIDATES,
            dense_weight=weight,
            threshold=threshold,
        )
        sent = None if vector is None else as_halfvec(vector)
        async with self._database.transaction(user) as connection:
            ranking = await self._cache.rank(connection, user, query)
            ids = [candidate.id for candidate in ranking.candidates]
            rows = await store.found(connection, user, ids, sent, self._encoder.model)
        now = dt.datetime.now(dt.UTC)
        results = []
        for candidate in ranking.candidates:
            row = rows.get(candidate.id)
            if row is None or (threshold is not None and (row.cosine or 0.0) < threshold):
                continue
            age = now - row.updated_at
            parts = score_parts(
                row.cosine,
                candidate.bm25,
                ranking.scale,
                weight=weight,
                importance=row.importance,
                age=age,
            )
            cosines = {} if row.cosine is None else {self._encoder.model: row.cosine}
            results.append(SearchHit(row, parts, score(parts), cosines, row.cosine))
        results.sort(key=lambda found: (-found.score, found.memory.id))
        return results[:limit]

    async def _vector(self, user: UUID, text: str, limit_s: float) -> array[float] | None:
        try:
            return await self._encoder.question(user, text, limit_s)
        except (EngineUnavailable, EngineMisbehaved):
            return None
