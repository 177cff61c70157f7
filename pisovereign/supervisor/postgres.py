"""The embedded PostgreSQL server as a child that is started again when it dies."""

from __future__ import annotations

import logging
import time

from pisovereign.errors import StartError
from pisovereign.storage.embedded.server import EmbeddedServer
from pisovereign.supervisor.child import Backoff

_log = logging.getLogger(__name__)


class Postgres:
    """Watches one `EmbeddedServer`."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self._backoff = Backoff()
        self._seen_running = time.monotonic()
        self._not_before: float | None = None

    def tend(self) -> None:
        """Notice that the server ended and start it again when its pause is over."""
        now = time.monotonic()
        if self.server.returncode is None and self._not_before is None:
            return
        if self._not_before is None:
            pause = self._backoff.next_pause(now - self._seen_running)
            self._not_before = now + pause
            _log.warning(
                "postgres ended with %d; starting it again in %g s", self.server.returncode, pause
            )
        elif now >= self._not_before:
            self._not_before = None
            self._start()

    def _start(self) -> None:
        try:
            self.server.start()
            self._seen_running = time.monotonic()
        except StartError as error:
            pause = self._backoff.next_pause(0.0)
            self._not_before = time.monotonic() + pause
            _log.error("postgres: %s; trying again in %g s", error, pause)
