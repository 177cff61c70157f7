"""Counters of the system commands of the catalog."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.telemetry.outcome import Outcome, timed

RUN_STATUSES = ("completed", "failed", "timed_out", "refused", "cancelled")
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class CatalogMetrics:
    """System commands that were executed, at once or after an approval."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        runs = Counter(
            "commands_executed",
            "System commands by how they ended",
            ["status"],
            registry=registry,
        )
        self._by_status = {status: runs.labels(status=status) for status in RUN_STATUSES}
        self._seconds = Histogram(
            "commands_execution_seconds",
            "Time that system commands took",
            buckets=BUCKETS_S,
            registry=registry,
        )

    @contextlib.contextmanager
    def run(self) -> Iterator[Outcome]:
        """Count one execution."""

        def tell(status: str, seconds: float) -> None:
            self._by_status[status].inc()
            self._seconds.observe(seconds)

        with timed("completed", tell) as outcome:
            yield outcome
