"""The health routes; public, and exempt from the rate limit."""

from __future__ import annotations

from collections.abc import Mapping

import falcon.asgi

from pisovereign.asgi.media import respond
from pisovereign.health import Check, ServiceHealth, check_all, check_one
from pisovereign.metrics.http import DURATION
from pisovereign.metrics.service import MetricsService


class HealthResource:
    """`GET /health`: the process lives."""

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Say so."""
        respond(resp, {"status": "ok"})

    on_head = on_get  # what uptime monitors ask


class ReadyResource:
    """`GET /ready`: the model answers."""

    def __init__(self, inference: Check, model: str) -> None:
        self._inference = inference
        self._model = model

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check the engine."""
        outcome = await check_one(self._inference)
        resp.status = 200 if outcome.healthy else 503
        inference: dict[str, object] = {"healthy": outcome.healthy, "model": self._model}
        if outcome.healthy:
            inference["latency_ms"] = outcome.latency_ms
        else:
            inference["error"] = outcome.error
        respond(
            resp, {"status": "ready" if outcome.healthy else "not_ready", "inference": inference}
        )

    on_head = on_get


class ReadyAllResource:
    """`GET /ready/all`: every service; one that is not configured is never a failure."""

    def __init__(
        self, checks: Mapping[str, Check | ServiceHealth | None], metrics: MetricsService
    ) -> None:
        self._checks = checks
        self._metrics = metrics

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Check all services at once."""
        services = await check_all(self._checks)
        ready = all(s.healthy for s in services.values() if isinstance(s, ServiceHealth))
        resp.status = 200 if ready else 503
        totals = self._metrics.totals()
        percentiles = {
            f"p{percent}_ms": round(1000 * totals.quantile(DURATION, percent / 100), 1)
            for percent in (50, 90, 99)
        }
        respond(
            resp,
            {
                "status": "ready" if ready else "not_ready",
                "services": services,
                "latency_percentiles": percentiles,
            },
        )

    on_head = on_get
