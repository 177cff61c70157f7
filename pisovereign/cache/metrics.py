"""Counters of the cache."""

from __future__ import annotations

from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge

Name = Literal["answers", "callers", "embeddings", "places", "waste", "weather"]
How = Literal["hit", "miss", "stale"]
REQUESTS = "cache_requests_total"


class CacheMetrics:
    """Lookups by how they were answered, and what is stored.

    A `hit` was answered by what is stored, a `miss` had to be fetched or computed; `stale` ones had
    to be, but only an old value was available.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        requests = Counter(
            "cache_requests",
            "Questions to the cache by how they were answered",
            ["cache", "outcome"],
            registry=registry,
        )
        self._requests = {
            (name, how): requests.labels(cache=name, outcome=how)
            for name in get_args(Name)
            for how in get_args(How)
        }
        self._bytes = Gauge(
            "cache_bytes",
            "Memory that the cache takes, about",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._entries = Gauge(
            "cache_entries",
            "Values in the cache",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def count(self, name: Name, how: How) -> None:
        """Count one lookup."""
        self._requests[name, how].inc()

    def holds(self, size: int, entries: int) -> None:
        """Set what the cache of this worker holds."""
        self._bytes.set(size)
        self._entries.set(entries)
