"""Counters of actions by how they ended."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.telemetry.timed_status import TimedStatus, timed

STATUSES = (
    "completed",
    "pending_approval",
    "refused",
    "failed",
    "timed_out",
    "needs_choice",
    "needs_confirmation",
    "not_found",
    "cancelled",
)
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class CommandMetrics:
    """Commands by type, wherever they were given, and by how they ended.

    Args:
        names: Every type of command there is.
        registry: Where they are counted; None: nowhere.
    """

    def __init__(
        self, names: Sequence[str] = (), registry: CollectorRegistry | None = None
    ) -> None:
        self._commands = Counter(
            "commands", "Commands by how they ended", ["command", "status"], registry=registry
        )
        self._seconds = Histogram(
            "commands_duration_seconds",
            "Time that commands took",
            buckets=BUCKETS_S,
            registry=registry,
        )
        for name in names:
            for status in STATUSES:
                self._commands.labels(command=name, status=status)

    @contextlib.contextmanager
    def command(self, name: str) -> Iterator[TimedStatus]:
        """Count one command."""

        def count(status: str, seconds: float) -> None:
            self._commands.labels(command=name, status=status).inc()
            self._seconds.observe(seconds)

        with timed("completed", count) as outcome:
            yield outcome
