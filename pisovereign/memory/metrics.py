"""Counters of searches in memories."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.telemetry.outcome import Outcome, timed

STATUSES = ("success", "words_only", "refused", "failed", "cancelled")
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class RetrievalMetrics:
    """Searches, of chat and of those who ask for them.

    Those that had to do without the model, by their words alone, are `words_only`.
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
