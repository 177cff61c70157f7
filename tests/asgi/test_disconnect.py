from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.types import Message, Receive, Scope, Send

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
PART: Message = {"type": "http.response.body", "body": b"x", "more_body": True}
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Client:
    """The server's side of one exchange, as ASGI sees it."""

    def __init__(self, *body: bytes) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        for at, part in enumerate(body):
            more = at + 1 < len(body)
            self.incoming.put_nowait({"type": "http.request", "body": part, "more_body": more})
        self.has_body = any(body)
        self.sent: list[Message] = []
        self.reading = asyncio.Event()
        self.reading.set()

    def leave(self) -> None:
        self.incoming.put_nowait({"type": "http.disconnect"})

    async def send(self, message: Message) -> None:
        await self.reading.wait()
        self.sent.append(message)

    async def call(self, app: App, send_timeout: float = 5.0) -> None:
        headers = [(b"content-length", b"5")] if self.has_body else []
        scope: dict[str, Any] = {"type": "http", "headers": headers}
        wrapped = CancelOnDisconnect(app, send_timeout=send_timeout)
        async with asyncio.timeout(60):
            await wrapped(scope, self.incoming.get, self.send)


class Endless:
    """Reads the body, then computes for ever."""

    def __init__(self, read: bool = True) -> None:
        self.read = read
        self.running = asyncio.Event()
        self.cancelled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.read:
            while (await receive()).get("more_body"):
                pass
        await send(START)
        self.running.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@pytest.mark.parametrize(
    ("body", "read"), [((b"he", b"llo"), True), ((b"",), True), ((b"",), False)]
)
def test_a_client_that_leaves_ends_the_work(body: tuple[bytes, ...], read: bool) -> None:
    async def go() -> None:
        client, app = Client(*body), Endless(read)
        call = asyncio.create_task(client.call(app))
        await app.running.wait()
        assert not call.done()
        client.leave()
        await call
        assert app.cancelled

    asyncio.run(go())


def test_an_app_may_refuse_a_body_that_never_comes() -> None:
    async def go() -> None:
        client = Client(b"hello")
        client.incoming = asyncio.Queue()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            assert await receive() == {"type": "http.request", "body": b"", "more_body": True}
            await send(START)
            await send(END)

        await client.call(app)
        assert client.sent == [START, END]

    asyncio.run(go())


def test_a_client_that_does_not_read_ends_the_work() -> None:
    async def go() -> None:
        client = Client(b"hello")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send(START)
            client.reading.clear()
            await send(PART)
            raise AssertionError("the send should have been given up")

        await client.call(app, send_timeout=0.05)
        assert client.sent == [START]

    asyncio.run(go())


def test_a_slow_answer_to_a_reading_client_is_left_alone() -> None:
    async def go() -> None:
        client = Client(b"hello")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send(START)
            await asyncio.sleep(0.1)
            await send(END)

        await client.call(app, send_timeout=0.05)
        assert client.sent == [START, END]

    asyncio.run(go())


def test_a_complete_response_is_never_cancelled() -> None:
    async def go() -> None:
        client = Client(b"hello")
        after = False

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal after
            await receive()
            await send(START)
            await send(END)
            client.leave()
            await asyncio.sleep(0.05)
            after = True

        await client.call(app)
        assert after

    asyncio.run(go())


def test_a_cancellation_from_outside_passes_through() -> None:
    async def go() -> None:
        client, app = Client(b"hello"), Endless()
        call = asyncio.create_task(client.call(app))
        await app.running.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(go())


def test_an_app_that_waits_for_the_disconnect_itself_may() -> None:
    async def go() -> None:
        client = Client(b"hello")
        seen: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            while (message := await receive()).get("more_body"):
                pass
            seen.append(message["type"])
            client.leave()
            try:
                seen.append((await receive())["type"])
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        await client.call(app)
        assert seen[0] == "http.request"
        assert seen[1] in ("http.disconnect", "cancelled")

    asyncio.run(go())


def test_errors_of_the_app_pass_through() -> None:
    async def go() -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            await Client(b"").call(app)

    asyncio.run(go())


def test_other_connections_are_passed_through() -> None:
    async def go() -> None:
        seen: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope["type"])

        client = Client()
        wrapped = CancelOnDisconnect(app, send_timeout=1)
        await wrapped({"type": "lifespan"}, client.incoming.get, client.send)
        assert seen == ["lifespan"]

    asyncio.run(go())
