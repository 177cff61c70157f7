"""The stream of an answer, as one client gets it: while it does, the answer is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from pisovereign.errors import PiSovereignError

_AGAIN_S = 4.0


class Stream(Protocol):
    """The bytes of a stream."""

    async def __anext__(self) -> bytes:
        """Return the next piece."""
        ...

    async def close(self) -> None:
        """End it."""


class WatchedStream:
    """Passes a stream on, and stores now and then that somebody watches it.

    Args:
        stream: The stream; it sends something every other second at least.
        see: Stores that it is watched.
        leave: Stores that it is not, any more.
    """

    def __init__(
        self,
        stream: Stream,
        see: Callable[[], Awaitable[None]],
        leave: Callable[[], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._see = see
        self._leave = leave
        self._clock = asyncio.get_running_loop().time
        self._seen = self._clock()
        self._over = False

    def __aiter__(self) -> WatchedStream:
        return self

    async def __anext__(self) -> bytes:
        """Return the next event or heartbeat."""
        if self._clock() - self._seen >= _AGAIN_S:
            self._seen = self._clock()
            with suppress(PiSovereignError):  # the next time, then
                await self._see()
        try:
            return await self._stream.__anext__()
        except StopAsyncIteration:
            self._over = True
            raise

    async def close(self) -> None:
        """Stop watching."""
        await self._stream.close()
        if not self._over:
            self._over = True
            with suppress(PiSovereignError):
                await self._leave()
