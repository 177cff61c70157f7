"""Streams end with the right to read them: when a session or key is revoked, or its person is."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from typing import Any

from pisovereign.accounts.callers import Caller, Callers


class LiveStreams:
    """The streams that are being sent to callers who may lose the right to them."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        # Weak: nobody closes a stream whose client left before its first byte.
        self._streams: weakref.WeakKeyDictionary[RevocableStream, Caller] = (
            weakref.WeakKeyDictionary()
        )

    def guard(self, stream: AsyncIterator[bytes], caller: Caller) -> RevocableStream:
        """Return a stream that ends when the caller may not do what they could at its beginning."""
        guarded = RevocableStream(stream, self)
        self._streams[guarded] = caller
        return guarded

    def drop(self, stream: RevocableStream) -> None:
        """Forget a stream that is over."""
        self._streams.pop(stream, None)

    async def look(self) -> None:
        """End the streams of those who may not read them any more."""
        for caller in {caller.secret: caller for caller in self._streams.values()}.values():
            now = await self._callers.again(caller)
            if now is not None and now.identity == caller.identity:
                continue
            for stream, whose in list(self._streams.items()):
                if whose.secret == caller.secret:
                    stream.end()


class RevocableStream:
    """A stream that can be ended from outside, also while its next piece is waited for."""

    def __init__(self, stream: AsyncIterator[bytes], live: LiveStreams) -> None:
        self._stream = stream
        self._live = live
        self._waiting: asyncio.Task[Any] | None = None
        self._over = False

    def __aiter__(self) -> RevocableStream:
        return self

    async def __anext__(self) -> bytes:
        if self._over:
            raise StopAsyncIteration
        task = self._waiting = asyncio.current_task()
        try:
            return await anext(self._stream)
        except asyncio.CancelledError:
            if self._over and task is not None and task.uncancel() == 0:
                raise StopAsyncIteration from None
            raise
        finally:
            self._waiting = None

    def end(self) -> None:
        """Send nothing more."""
        if self._over:
            return
        self._over = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def close(self) -> None:
        """Let go of the stream behind it."""
        self._live.drop(self)
        close = getattr(self._stream, "close", None)
        if close is not None:
            await close()
