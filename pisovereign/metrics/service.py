"""Counts, put together for those who ask."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from msgspec import UNSET
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from pisovereign.cache.metrics import REQUESTS
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.metrics import TIME
from pisovereign.engine_client.types import EngineStatistics
from pisovereign.errors import PiSovereignError
from pisovereign.metrics.coarse import CoarseCounts, one_digit
from pisovereign.metrics.totals import Totals, read_totals
from pisovereign.metrics.types import CacheReport, HttpReport, InferenceReport, Report
from pisovereign.telemetry.http_metrics import DURATION

_GAUGES = (
    ("inference_queue_requests", "Requests that wait for the engine", "queue"),
    ("inference_active_requests", "Answers being computed", "active"),
    ("inference_slots", "Answers that can be computed at once", "slots"),
    ("inference_batch_occupancy", "Answers in a computed batch, on average", "batch_occupancy"),
    ("inference_prefill_speed", "Prompt tokens a second", "prefill_tokens_per_second"),
    ("inference_decode_speed", "Answer tokens a second", "decode_tokens_per_second"),
    ("inference_cache_bytes", "Memory of remembered conversations", "cache_bytes"),
    ("inference_cache_entries", "Remembered conversations", "cache_entries"),
)
_COUNTERS = (
    ("inference_cache_hits", "Uses of a remembered conversation", "cache_hits"),
    ("inference_queue_seconds", "Time that requests waited for the engine", "queue_seconds"),
    ("inference_steps", "Batches computed", "steps"),
    ("inference_forced_tokens", "Tokens of answers that nothing was computed for", "forced_tokens"),
    ("inference_guessed_tokens", "Tokens of answers that were guessed", "guessed_tokens"),
    ("inference_accepted_tokens", "Guessed tokens that were right", "accepted_tokens"),
)
# Documented with this name, which prometheus-client would not give to a counter.
_UPTIME = """\
# HELP app_uptime_seconds Application uptime in seconds
# TYPE app_uptime_seconds counter
app_uptime_seconds {seconds}
"""


class MetricsService:
    """Reads the counts of all workers, and the engine's figures.

    Args:
        registry: This process' metrics.
        engine: Is asked for its figures.
        started_at: When the server started, seconds since the epoch.
        rounding: How counts are told to who has no key.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        engine: EngineClient,
        started_at: float,
        rounding: CoarseCounts,
    ) -> None:
        self._registry = registry
        self._engine = engine
        self._started_at = started_at
        self._rounding = rounding

    def totals(self) -> Totals:
        """Return everything that was counted."""
        return read_totals(self._registry)

    def uptime_s(self) -> float:
        """Return the seconds since the server's start."""
        return max(time.time() - self._started_at, 0.0)

    async def report(self, *, exact: bool) -> Report:
        """Return the JSON form; what is not `exact` is for everybody."""
        healthy, _ = await self._figures()
        counted = self.totals()
        totals = counted if exact else self._coarse(counted)

        def tokens(kind: str) -> int:
            return int(totals.value("inference_tokens_total", kind=kind))

        def average(milliseconds: float) -> float:
            return round(milliseconds, 2) if exact else one_digit(milliseconds)

        def requests(name: str, status: str) -> int:
            return int(totals.value(f"{name}_requests_total", status=status))

        return Report(
            uptime_seconds=int(self.uptime_s()),
            http=HttpReport(
                requests_total=int(totals.sum("http_requests_total")),
                requests_success=requests("http", "success"),
                requests_client_error=requests("http", "client_error"),
                requests_server_error=requests("http", "server_error"),
                active_requests=int(counted.value("http_active_requests")) if exact else UNSET,
                response_time_avg_ms=average(counted.mean(DURATION) * 1000),
            ),
            inference=InferenceReport(
                requests_total=int(totals.sum("inference_requests_total")),
                requests_success=requests("inference", "success"),
                requests_failed=requests("inference", "failed"),
                requests_cancelled=requests("inference", "cancelled"),
                time_avg_ms=average(counted.mean(TIME)),
                tokens_total=tokens("prompt") + tokens("completion"),
                tokens_prompt=tokens("prompt"),
                tokens_cached=tokens("cached"),
                tokens_completion=tokens("completion"),
                healthy=healthy,
            ),
            cache=self.cache(totals) if exact else UNSET,
        )

    def cache(self, totals: Totals) -> CacheReport:
        """Return how often the caches of all workers had an answer."""

        def questions(outcome: str) -> int:
            return int(totals.matching(REQUESTS, outcome=outcome))

        hits, misses, stale = questions("hit"), questions("miss"), questions("stale")
        total = hits + misses + stale
        return CacheReport(
            requests_total=total,
            hits=hits,
            misses=misses,
            stale=stale,
            hit_rate=round(hits / total, 4) if total else 0.0,
            bytes=int(totals.value("cache_bytes")),
            entries=int(totals.value("cache_entries")),
        )

    def _coarse(self, totals: Totals) -> Totals:
        return Totals(list(self._rounding.public(totals.metrics)))

    async def exposition(self, *, exact: bool) -> bytes:
        """Return Prometheus' text form; what is not `exact` is for everybody."""
        healthy, figures = await self._figures()
        totals = self.totals() if exact else self._coarse(self.totals())
        engine = _engine_series(figures) if exact else ()
        series = [*totals.metrics, _health_series(healthy), *engine]
        uptime = _UPTIME.format(seconds=int(self.uptime_s()))
        return uptime.encode() + generate_latest(_CollectedSeries(series))

    async def _figures(self) -> tuple[bool, EngineStatistics | None]:
        try:
            return True, (await self._engine.health()).statistics
        except PiSovereignError:
            return False, None


def _engine_series(figures: EngineStatistics | None) -> Iterator[Metric]:
    """Yield the series of the engine; none when it is another's or is away."""
    if figures is None:
        return
    for name, text, field in _GAUGES:
        yield GaugeMetricFamily(name, text, value=getattr(figures, field))
    for name, text, field in _COUNTERS:
        yield CounterMetricFamily(name, text, value=getattr(figures, field))


def _health_series(healthy: bool) -> Metric:
    """Return the series that says whether the model answers."""
    return GaugeMetricFamily("inference_healthy", "1 if the model answers", value=int(healthy))


class _CollectedSeries(Collector):
    """Series that were read already, with whole bounds of buckets as they are documented: `100`."""

    def __init__(self, series: Sequence[Metric]) -> None:
        self._series = series

    def collect(self) -> Iterator[Metric]:
        for metric in self._series:
            for sample in metric.samples:
                if "le" in sample.labels:
                    sample.labels["le"] = sample.labels["le"].removesuffix(".0")
            yield metric
