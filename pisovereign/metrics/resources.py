"""The two pages of counts; public, since those who collect them have no key."""

from __future__ import annotations

import falcon.asgi
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from pisovereign.asgi.media import respond
from pisovereign.metrics.service import MetricsService


class MetricsResource:
    """`GET /metrics`."""

    def __init__(self, service: MetricsService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The counts as JSON."""
        respond(resp, await self._service.report())


class PrometheusResource:
    """`GET /metrics/prometheus`."""

    def __init__(self, service: MetricsService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The counts in Prometheus' text form."""
        resp.content_type = CONTENT_TYPE_PLAIN_0_0_4
        resp.data = await self._service.exposition()
