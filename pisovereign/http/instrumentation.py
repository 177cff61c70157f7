"""The outermost layer: request id, access log and request metrics, for every response there is."""

from __future__ import annotations

import logging
import re
import time
import uuid

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.logs import request_id
from pisovereign.telemetry.http_metrics import HttpMetrics

CLIENT_CLOSED_REQUEST = 499  # nginx's number for a client that left before the answer

_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_UNPRINTABLE = re.compile(rb"[^!-~]")
_log = logging.getLogger("pisovereign.access")


class Instrumentation:
    """An ASGI app around another: each response carries `X-Request-Id`, is logged and counted."""

    def __init__(self, app: AsgiApp, metrics: HttpMetrics, *, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = _request_id(scope["headers"])
        request_id.set(identifier)
        header = (b"x-request-id", identifier.encode("ascii"))
        status = CLIENT_CLOSED_REQUEST

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        started = time.perf_counter()
        self._metrics.active.inc()
        try:
            await self._app(scope, receive, send_observed)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.active.dec()
            self._metrics.observe(status, seconds)
            if self._access_log:
                _log.info(
                    "%s %s %d",
                    scope["method"],
                    _printable(scope["raw_path"]),
                    status,
                    extra={"duration_ms": round(seconds * 1000, 2)},
                )


def _printable(path: bytes) -> str:
    """Return the path as it was sent, with `?` for what could forge a line or steer a terminal."""
    return _UNPRINTABLE.sub(b"?", path[:200]).decode("ascii")


def _request_id(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the incoming id if it is well-formed, so that a caller can follow its own."""
    for name, value in headers:
        if name == b"x-request-id" and _WELL_FORMED.fullmatch(value):
            return value.decode("ascii")
    return str(uuid.uuid4())
