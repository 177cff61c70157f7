"""The routes of metrics: coarse ones for everybody, exact ones with a key."""

from __future__ import annotations

from falcon.asgi import Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.metrics.service import MetricsService
from pisovereign.metrics.types import Report

_EXACT = frozenset(("metrics", "admin"))


class MetricsRoutes(Routes, tag="Metrics"):
    """Metrics over HTTP."""

    def __init__(self, service: MetricsService) -> None:
        self._service = service

    @route(
        "GET",
        "/metrics",
        summary="Metrics for monitoring",
        public=True,
        knows_keys=True,
        example=Example(
            response={
                "uptime_seconds": 86400,
                "http": {
                    "requests_total": 15420,
                    "requests_success": 15100,
                    "requests_client_error": 280,
                    "requests_server_error": 40,
                    "response_time_avg_ms": 125.1,
                },
                "inference": {
                    "requests_total": 8930,
                    "requests_success": 8840,
                    "requests_failed": 80,
                    "requests_cancelled": 10,
                    "time_avg_ms": 450.2,
                    "tokens_total": 1250000,
                    "tokens_prompt": 1000000,
                    "tokens_cached": 730000,
                    "tokens_completion": 250000,
                    "healthy": True,
                },
            }
        ),
    )
    async def metrics(self, req: Request, resp: Response) -> Report | None:
        """Report what was counted since the server started; times are in milliseconds.

        Without a key counts are coarse, so that they tell nothing about anybody; a key with the
        scope `metrics` or `admin` gets them exactly. Who prefers `text/plain`, as Prometheus does,
        gets what `/metrics/prometheus` gives.

        The total of `inference` holds `requests_cancelled` too: answers whose client left. With the
        key there are also `http.active_requests`, and `cache`: what it was asked, and what it
        holds. [monitoring](monitoring/README.md) says more.
        """
        resp.append_header("Vary", "Accept, Authorization")
        if req.client_prefers(("application/json", "text/plain")) == "text/plain":
            await self.prometheus_metrics(req, resp)
            return None
        return await self._service.report(exact=_may_be_exact(req))

    @route(
        "GET",
        "/metrics/prometheus",
        summary="Prometheus-compatible metrics",
        public=True,
        knows_keys=True,
        media_type="text/plain",
        example=Example(
            response=(
                "# HELP app_uptime_seconds Application uptime in seconds\n"
                "# TYPE app_uptime_seconds counter\n"
                "app_uptime_seconds 86400\n"
                "# TYPE http_requests_total counter\n"
                'http_requests_total{status="success"} 15100\n'
                'http_requests_total{status="client_error"} 280\n'
                'http_requests_total{status="server_error"} 40\n'
                "# TYPE inference_time_ms histogram\n"
                'inference_time_ms_bucket{le="100"} 1200\n'
                'inference_time_ms_bucket{le="250"} 4500\n'
                'inference_time_ms_bucket{le="500"} 7200\n'
                'inference_time_ms_bucket{le="1000"} 8500\n'
                'inference_time_ms_bucket{le="+Inf"} 8930\n'
            )
        ),
    )
    async def prometheus_metrics(self, req: Request, resp: Response) -> None:
        """Report the same in Prometheus' text form, and more to a key that may see exact counts."""
        resp.content_type = CONTENT_TYPE_PLAIN_0_0_4
        resp.data = await self._service.exposition(exact=_may_be_exact(req))


def _may_be_exact(req: Request) -> bool:
    """Return whether who asks has a key for exact counts."""
    identity = getattr(req.context, "user", None)
    return identity is not None and not _EXACT.isdisjoint(identity.scopes)
