"""Counters of the HTTP edge."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS_S = (
    *(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
DURATION = "http_request_duration_seconds"


class HttpMetrics:
    """Metrics of requests; no series carries a user, a key or text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        requests = Counter(
            "http_requests", "HTTP requests by how they ended", ["status"], registry=registry
        )
        self._by_status = {
            name: requests.labels(status=name)
            for name in ("success", "client_error", "server_error")
        }
        self._duration = Histogram(
            DURATION, "Time until an answer was sent whole", buckets=BUCKETS_S, registry=registry
        )
        self.active = Gauge(
            "http_active_requests",
            "Requests being served",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def observe(self, status: int, seconds: float) -> None:
        """Count one finished request."""
        kind = "success" if status < 400 else "client_error" if status < 500 else "server_error"
        self._by_status[kind].inc()
        self._duration.observe(seconds)
