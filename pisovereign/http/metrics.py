"""Counters of the HTTP edge."""

from __future__ import annotations

import itertools

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)


class HttpMetrics:
    """What is counted about requests; no series carries a user, a key or text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "http_requests", "Total HTTP requests", ["status"], registry=registry
        )
        self._by_status = {
            name: self._requests.labels(status=name)
            for name in ("success", "client_error", "server_error")
        }
        self._duration = Histogram(
            "http_response_time_ms",
            "HTTP response time in milliseconds",
            buckets=BUCKETS_MS,
            registry=registry,
        )
        self.active = Gauge("http_active_requests", "Requests being served", registry=registry)

    def observe(self, status: int, seconds: float) -> None:
        """Count one finished request."""
        kind = "success" if status < 400 else "client_error" if status < 500 else "server_error"
        self._by_status[kind].inc()
        self._duration.observe(seconds * 1000)

    def percentile_ms(self, fraction: float) -> float:
        """The response time below which `fraction` of all requests lie; 0 before the first one.

        Interpolated inside its bucket, as Prometheus' `histogram_quantile` does.
        """
        samples = next(iter(self._duration.collect())).samples
        cumulative = [s.value for s in samples if s.name.endswith("_bucket")]
        rank = fraction * cumulative[-1]
        bounds = (0, *BUCKETS_MS, BUCKETS_MS[-1])
        for (low, high), before, upto in zip(
            itertools.pairwise(bounds), [0.0, *cumulative], cumulative, strict=False
        ):
            if upto >= rank and upto > before:
                return round(low + (high - low) * (rank - before) / (upto - before), 1)
        return 0.0
