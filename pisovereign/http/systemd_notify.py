"""Tells systemd when a worker serves, and then that its event loop turns."""

from __future__ import annotations

import asyncio

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.process.notify import Notifier, keep_alive


class SystemdReadiness:
    """Around the app of a worker; follows what is said of its start and end.

    Several workers each say it: one that stands still is replaced by their master, and only when
    all do is the whole server started again.
    """

    def __init__(self, app: AsgiApp, notifier: Notifier) -> None:
        self._app = app
        self._notifier = notifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        signs: asyncio.Task[None] | None = None

        async def follow(message: Message) -> None:
            nonlocal signs
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._notifier.ready()
                signs = asyncio.create_task(keep_alive(self._notifier, lambda: True))

        try:
            await self._app(scope, receive, follow)
        finally:
            if signs is not None:
                signs.cancel()
