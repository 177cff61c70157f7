"""Counters of approvals."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

STATES = (
    "requested",
    "approved",
    "denied",
    "cancelled",
    "expired",
    "executed",
    "failed",
    "returned",
)
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class ApprovalMetrics:
    """How often approvals came to each state, once that is stored for certain."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        steps = Counter(
            "approvals", "Approvals that came to this state", ["state"], registry=registry
        )
        self._by_state = {state: steps.labels(state=state) for state in STATES}
        self._seconds = Histogram(
            "approvals_execution_seconds",
            "Time from an approval to the end of what was approved",
            buckets=BUCKETS_S,
            registry=registry,
        )

    def step(self, state: str) -> None:
        """Count one that came to a state."""
        self._by_state[state].inc()

    def carried_out(self, state: str, seconds: float) -> None:
        """Count the end of one, and the time since it was approved."""
        self.step(state)
        self._seconds.observe(seconds)
