"""Server-sent events: an answer that is sent while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Generic, TypeVar

import falcon.asgi
import msgspec

from pisovereign.asgi.errors import error_object
from pisovereign.asgi.routes import EVENTS
from pisovereign.errors import BadRequest, InternalError, PiSovereignError
from pisovereign.logs import log_unexpected

T = TypeVar("T")
HEARTBEAT = b": waiting\n\n"
HEARTBEAT_S = 1.0
LARGEST_EVENT_ID = 10**15 - 1  # JavaScript counts further
_encoder = msgspec.json.Encoder()


def event(name: str, data: Any, *, identifier: int | None = None) -> bytes:
    """Return one event; JSON has no raw line breaks, so the data is always a single line.

    Args:
        name: What kind of event it is.
        data: Anything that can be written as JSON.
        identifier: What a client that was cut off sends back as `Last-Event-ID`.
    """
    head = b"" if identifier is None else b"id: %d\n" % identifier
    return head + b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), _encoder.encode(data))


class EventStream(Generic[T]):
    """The bytes of one event stream, with heartbeats until its first piece.

    Falcon calls `close` when the response ends in whatever way, which ends the work behind it.

    Args:
        pieces: What is sent; closed by hand, since one left to the garbage collector ends later.
        render: The event of a piece.
        render_error: The last event of a stream that broke off, made of the error object.
        heartbeat: What is sent while there is no piece yet; empty: nothing.
        is_early: Whether a piece is only a word about what is waited for, which goes on.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[T],
        render: Callable[[T], bytes],
        render_error: Callable[[dict[str, Any]], bytes],
        heartbeat: bytes = HEARTBEAT,
        is_early: Callable[[T], bool] = lambda _: False,
    ) -> None:
        self._pieces = pieces
        self._heartbeat = heartbeat
        self._is_early = is_early
        self._render_piece = render
        self._render_error = render_error
        self._first = asyncio.create_task(self._next())
        self._events = self._render()

    async def prime(self) -> None:
        """Wait briefly for the first piece, and raise what went wrong before it."""
        await asyncio.wait((self._first,), timeout=HEARTBEAT_S / 2)
        if self._first.done():
            self._first.result()

    def __aiter__(self) -> EventStream[T]:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._events)

    async def close(self) -> None:
        """Stop the work if it still goes on."""
        await self._events.aclose()
        self._first.cancel()
        await asyncio.wait((self._first,))
        if not self._first.cancelled():
            self._first.exception()  # already told to the client, or of no interest any more
        await self._pieces.aclose()

    async def _next(self) -> T:
        return await anext(self._pieces)

    async def _render(self) -> AsyncGenerator[bytes]:
        """Yield the events; an error becomes the last one."""
        try:
            while True:
                while not self._first.done():
                    if self._heartbeat:
                        yield self._heartbeat  # one at once: proxies and people see life
                    await asyncio.wait((self._first,), timeout=HEARTBEAT_S)
                first = await self._first
                yield self._render_piece(first)
                if not self._is_early(first):
                    break
                self._first = asyncio.create_task(self._next())
            async for piece in self._pieces:
                yield self._render_piece(piece)
        except PiSovereignError as error:
            yield self._render_error(error_object(error))
        except Exception as error:  # noqa: BLE001 - the edge: the status line is sent already
            log_unexpected(error)
            yield self._render_error(error_object(InternalError("An internal error occurred")))


async def send_stream(
    resp: falcon.asgi.Response, stream: EventStream[T], media_type: str = EVENTS
) -> None:
    """Respond with `stream`, unless it fails at once: then the client gets a real status.

    Raises:
        PiSovereignError: what went wrong before the first piece.
    """
    try:
        await stream.prime()
    except BaseException:
        await stream.close()
        raise
    send_events(resp, stream, media_type)


def send_events(
    resp: falcon.asgi.Response, stream: AsyncIterator[bytes], media_type: str = EVENTS
) -> None:
    """Respond with a stream of events, which nobody on the way may keep or hold back."""
    resp.content_type = f"{media_type}; charset=utf-8"
    resp.set_header("Cache-Control", "no-store")
    resp.set_header("X-Accel-Buffering", "no")
    resp.stream = stream


def last_event_id(req: falcon.asgi.Request) -> int | None:
    """Return the last event that a client saw before it was cut off.

    Raises:
        BadRequest: The header is not the number of an event.
    """
    text = req.get_header("Last-Event-ID")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_EVENT_ID))):
        raise BadRequest("The header Last-Event-ID must be an event's number")
    return int(text)
