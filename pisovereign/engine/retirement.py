"""Leaving the place to another process without failing any request.

After SIGUSR1 every response closes its connection, so that clients go to whoever has the socket's
name by then. Unused connections are left alone until their clients have given them up: closing one
in the moment in which a request is sent on it would lose that request. Then the server stops,
once every running answer is complete.
"""

from __future__ import annotations

import asyncio
import contextlib

import uvicorn

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.engine_client.types import KEEPALIVE_S

# An answer that takes longer than this will not end at all.
_LONGEST_ANSWER_S = 3600
_MARGIN_S = 1.0
_LOOK_S = 0.2


class LastAnswers:
    """An app whose responses close their connections once `over` is set.

    Args:
        app: what answers.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_last(message: Message) -> None:
            if self.over and message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_last)


class Retirement:
    """The end of a server whose place another one takes.

    Args:
        app: its app.
        server: the server.
    """

    def __init__(self, app: LastAnswers, server: uvicorn.Server) -> None:
        self._app = app
        self._server = server
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to leave; a second call changes nothing."""
        self._app.over = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._stop())

    async def close(self) -> None:
        """Stop waiting."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _stop(self) -> None:
        loop = asyncio.get_running_loop()
        until, connected = loop.time() + KEEPALIVE_S + _MARGIN_S, True
        while loop.time() < until:
            before, connected = connected, bool(self._server.server_state.connections)
            if not (before or connected):
                break  # nobody was there for two looks, and nobody can come
            await asyncio.sleep(_LOOK_S)
        self._server.config.timeout_graceful_shutdown = _LONGEST_ANSWER_S
        self._server.should_exit = True
