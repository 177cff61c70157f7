"""Notices of a worker's readiness to systemd."""

from __future__ import annotations

import asyncio

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.process.notify import Notifier, keep_alive


class SystemdReadiness:
    """An ASGI app around a worker's: tells systemd when it serves, and that its event loop turns.

    Each worker does: one that stands still is replaced by the master, and only when all do is the
    whole server started again.
    """

    def __init__(self, app: AsgiApp, notifier: Notifier) -> None:
        self._app = app
        self._notifier = notifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, and notify when the start is complete."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        keeping_alive: asyncio.Task[None] | None = None

        async def follow(message: Message) -> None:
            nonlocal keeping_alive
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._notifier.ready()
                keeping_alive = asyncio.create_task(keep_alive(self._notifier, lambda: True))

        try:
            await self._app(scope, receive, follow)
        finally:
            if keeping_alive is not None:
                keeping_alive.cancel()
