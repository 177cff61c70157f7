"""uvicorn's HTTP protocol with limits on what comes before a request's body.

uvicorn waits for headers as long as a client likes, and with httptools reads any number of them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN_S = 10.0
HEADER_BYTES = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose headers are too slow or too large."""

    def connection_made(self, transport: Any) -> None:
        """A client connected."""
        super().connection_made(transport)
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client left, or was sent away."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse `data`; what is still headers after it counts."""
        super().data_received(data)
        if self._timer is not None:
            self._received += len(data)
            if self._received > HEADER_BYTES:
                self.transport.close()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._expect_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The end of its headers."""
        self._stop_timer()
        super().on_headers_complete()

    def _expect_headers(self) -> None:
        self._stop_timer()
        self._received = 0
        self._timer = self.loop.call_later(HEADERS_WITHIN_S, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
