"""What was counted, put together for those who ask."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, generate_latest

from pisovereign.cache.metrics import REQUESTS
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.metrics import TIME
from pisovereign.engine_client.types import EngineStatistics
from pisovereign.errors import PiSovereignError
from pisovereign.metrics.collectors import Reading, engine_series, health_series
from pisovereign.metrics.http import DURATION
from pisovereign.metrics.totals import Totals, read_totals
from pisovereign.metrics.types import CacheReport, HttpReport, InferenceReport, Report

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
    """

    def __init__(
        self, registry: CollectorRegistry, engine: EngineClient, started_at: float
    ) -> None:
        self._registry = registry
        self._engine = engine
        self._started_at = started_at

    def totals(self) -> Totals:
        """Everything that was counted."""
        return read_totals(self._registry)

    def uptime_s(self) -> float:
        """Seconds since the server's start."""
        return max(time.time() - self._started_at, 0.0)

    async def report(self) -> Report:
        """The JSON form."""
        healthy, _ = await self._figures()
        totals = self.totals()

        def tokens(kind: str) -> int:
            return int(totals.value("inference_tokens_total", kind=kind))

        def requests(name: str, status: str) -> int:
            return int(totals.value(f"{name}_requests_total", status=status))

        return Report(
            uptime_seconds=int(self.uptime_s()),
            http=HttpReport(
                requests_total=int(totals.sum("http_requests_total")),
                requests_success=requests("http", "success"),
                requests_client_error=requests("http", "client_error"),
                requests_server_error=requests("http", "server_error"),
                active_requests=int(totals.value("http_active_requests")),
                response_time_avg_ms=round(totals.mean(DURATION) * 1000, 2),
            ),
            inference=InferenceReport(
                requests_total=int(totals.sum("inference_requests_total")),
                requests_success=requests("inference", "success"),
                requests_failed=requests("inference", "failed"),
                requests_cancelled=requests("inference", "cancelled"),
                time_avg_ms=round(totals.mean(TIME), 2),
                tokens_total=tokens("prompt") + tokens("completion"),
                tokens_prompt=tokens("prompt"),
                tokens_cached=tokens("cached"),
                tokens_completion=tokens("completion"),
                healthy=healthy,
            ),
            cache=self.cache(totals),
        )

    def cache(self, totals: Totals) -> CacheReport:
        """How often the caches of all workers had an answer."""

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

    async def exposition(self) -> bytes:
        """Prometheus' text form."""
        healthy, figures = await self._figures()
        series = [*self.totals().metrics, health_series(healthy), *engine_series(figures)]
        uptime = _UPTIME.format(seconds=int(self.uptime_s()))
        return uptime.encode() + generate_latest(Reading(series))

    async def _figures(self) -> tuple[bool, EngineStatistics | None]:
        try:
            return True, (await self._engine.health()).statistics
        except PiSovereignError:
            return False, None
