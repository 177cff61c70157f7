"""The outermost layer: request id, access log and request metrics, for every response there is."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Iterable

from pisovereign.admission.fixed_window_counter import WINDOW_S, FixedWindowCounter
from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.config import Config
from pisovereign.http.client_address import ADDRESS
from pisovereign.logs import request_id
from pisovereign.telemetry.http_metrics import HttpMetrics

CLIENT_CLOSED_REQUEST = 499  # nginx's number for a client that left before the answer

_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_UNPRINTABLE = re.compile(rb"[^!-~]")
_USUAL = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_EVERYBODY = 10
_LEAST_LINES = 300
_log = logging.getLogger("pisovereign.access")


def access_lines(config: Config) -> int:
    """Return how many lines of one address the access log takes in a minute; 0: there is none.

    Whoever keeps to the rate limit is logged, also with what it does not count, such as the files
    of the page; and of what is refused some more.
    """
    wanted = config.telemetry.access_log
    return max(_LEAST_LINES, 2 * config.security.rate_limit_rpm) if wanted else 0


class Instrumentation:
    """An ASGI app around another: each response carries `X-Request-Id`, is logged and counted.

    Args:
        app: The app.
        metrics: What counts.
        lines_per_minute: Most lines of one address in the access log; ten times as many of all.
            0: there is no access log.
    """

    def __init__(self, app: AsgiApp, metrics: HttpMetrics, lines_per_minute: int) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = lines_per_minute > 0
        self._lines = FixedWindowCounter(lines_per_minute)
        self._lines_of_all = FixedWindowCounter(_EVERYBODY * lines_per_minute)

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
                message["headers"] = [*message["headers"], header, *_usual(message["headers"])]
            await send(message)

        started = time.perf_counter()
        self._metrics.active.inc()
        try:
            await self._app(scope, receive, send_observed)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.observe(status, seconds)
            self._metrics.active.dec()  # whoever sees none active sees all of them counted
            if self._access_log:
                self._log(scope, status, seconds)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        """Write a line of the access log, as far as its client has some left in this minute."""
        client = scope.get(ADDRESS) or (scope.get("client") or ("-",))[0]
        allowed, left, _ = self._lines.hit(client)
        if not allowed:
            return
        allowed, left_of_all, _ = self._lines_of_all.hit("")
        if not allowed:
            return
        _log.info(
            "%s %s %d",
            scope["method"],
            _printable(scope["raw_path"]),
            status,
            extra={"duration_ms": round(seconds * 1000, 2)},
        )
        if not (left and left_of_all):
            whose = client if left_of_all else "all"
            _log.warning("more requests of %s are not logged for up to %d s", whose, WINDOW_S)


def _usual(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return what every response says unless it says otherwise.

    Nothing is taken for another type than it is, and no answer stays in a cache.
    """
    said = {name.lower() for name, _ in headers}
    return [header for header in _USUAL if header[0] not in said]


def _printable(path: bytes) -> str:
    """Return the path as it was sent, with `?` for what could forge a line or steer a terminal."""
    return _UNPRINTABLE.sub(b"?", path[:200]).decode("ascii")


def _request_id(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the incoming id if it is well-formed, so that a caller can follow its own."""
    for name, value in headers:
        if name == b"x-request-id" and _WELL_FORMED.fullmatch(value):
            return value.decode("ascii")
    return str(uuid.uuid4())
