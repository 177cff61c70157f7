"""Stop working for a client that has left, or that does not take what it asked for."""

from __future__ import annotations

import asyncio
import math

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send


class CancelOnDisconnect:
    """Cancels an ASGI app when its client disconnects, or does not read for too long.

    A server only tells an app of a disconnect when the app asks, and few apps ask while they
    compute. Once the request's body is read this asks on their behalf; the app sees an ordinary
    `asyncio.CancelledError` and its `finally` blocks run. A response that is complete is never
    cancelled.

    Args:
        app: the application.
        send_timeout: longest time that one piece of a response may wait for the client, in
            seconds.
    """

    def __init__(self, app: AsgiApp, *, send_timeout: float) -> None:
        self._app = app
        self._send_timeout = send_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; pass other kinds of connection through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._send_timeout)
        if _has_body(scope):
            exchange.put_off_body()
        else:
            await exchange.take_empty_body()
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if not exchange.cancelled_app():
                raise
        finally:
            exchange.close()


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


class _Exchange:
    """One request and its response."""

    def __init__(self, receive: Receive, send: Send, send_timeout: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "an ASGI app runs in a task"
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._send = send
        self._send_timeout = send_timeout
        self._stashed: Message | None = None
        self._watcher: asyncio.Task[Message] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sending_since = math.inf  # when the present piece was handed over
        self._complete = False
        self._cancelled = False

    def put_off_body(self) -> None:
        """Start the app before its body comes: Falcon waits for a message before it does anything.

        So a refusal does not wait for a body that may never come, and the app's time limit counts.
        """
        self._stashed = {"type": "http.request", "body": b"", "more_body": True}

    async def take_empty_body(self) -> None:
        """Take the one message of a request without a body, so that watching can begin."""
        self._stashed = await self._receive()
        self._watch()

    async def receive(self) -> Message:
        if self._stashed is not None:
            message, self._stashed = self._stashed, None
            return message
        if self._watcher is not None:
            return await asyncio.shield(self._watcher)
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._watch()
        return message

    async def send(self, message: Message) -> None:
        # One timer that looks again, instead of one for each token: 3 % of what a token costs.
        self._sending_since = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._send_timeout, self._check_progress)
        try:
            await self._send(message)
        finally:
            self._sending_since = math.inf
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._complete = True

    def cancelled_app(self) -> bool:
        """Return whether this object cancelled the task; if so the cancellation is taken back."""
        return self._cancelled and self._task.uncancel() == 0

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _check_progress(self) -> None:
        """Cancel the app if its present piece has waited too long, else look again in time."""
        waited = self._loop.time() - self._sending_since
        if waited >= self._send_timeout:
            self._cancel()
        else:
            rest = self._send_timeout - max(0.0, waited)
            self._timer = self._loop.call_later(rest, self._check_progress)

    def _watch(self) -> None:
        self._watcher = self._loop.create_task(self._next_message())
        self._watcher.add_done_callback(self._on_message)

    async def _next_message(self) -> Message:
        return await self._receive()

    def _on_message(self, watcher: asyncio.Task[Message]) -> None:
        # Whatever comes after the body, the request is over: a disconnect, or a failed connection.
        if not watcher.cancelled():
            self._cancel()

    def _cancel(self) -> None:
        if not self._complete and not self._cancelled:
            self._cancelled = True
            self._task.cancel()
