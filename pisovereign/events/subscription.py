"""One watcher's view of a log: what there is, then what comes.

Each watcher reads at its own pace, so a slow one holds up nobody and nothing is queued for it; a
process that ends, or another one that writes, loses nobody's place.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import NamedTuple
from uuid import UUID

from pisovereign.asgi import sse
from pisovereign.asgi.errors import error_object
from pisovereign.errors import PiSovereignError
from pisovereign.events.wakeups import Wakeups, woken

LOOK_S = 1.0  # how often a watcher looks for what another process wrote


class Batch(NamedTuple):
    """Events as they are sent.

    `more` says that others are there already, `over` that none will follow.
    """

    events: Sequence[bytes]
    more: bool = False
    over: bool = False


class Subscription:
    """One stream; Falcon calls `close` when the response ends in whatever way.

    Args:
        read: Gives the events that follow those it gave before.
        wakeups: Wakes the watcher.
        about: What it waits for.
        retry_ms: When a client that was cut off comes back.
        heartbeat_s: The longest silence, in seconds.
        held: Closed when it is.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Batch]],
        *,
        wakeups: Wakeups,
        about: UUID,
        retry_ms: int,
        heartbeat_s: float,
        held: ExitStack,
    ) -> None:
        self._read = read
        self._wakeups = wakeups
        self._about = about
        self._begin = b"retry: %d\n: watching\n\n" % retry_ms
        self._heartbeat_s = heartbeat_s
        self._held = held
        self._parts = self._render()
        # Also that of a stream whose client left before its first byte: nobody closes it.
        weakref.finalize(self, held.close)

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._parts)

    async def close(self) -> None:
        """Stop watching."""
        await self._parts.aclose()
        self._held.close()

    async def _render(self) -> AsyncGenerator[bytes]:
        """Yield events; an error is the last one: the client asks again from where it was."""
        clock = asyncio.get_running_loop().time
        with self._held, self._wakeups.wakeup(self._about) as wakeup:
            yield self._begin
            told = clock()
            try:
                while True:
                    wakeup.clear()
                    batch = await self._read()
                    for event in batch.events:
                        yield event
                        told = clock()
                    if batch.over or (self._wakeups.ended and not batch.more):
                        return
                    if batch.more:
                        continue
                    if batch.events or await woken(wakeup, LOOK_S):
                        continue
                    if clock() - told >= self._heartbeat_s - LOOK_S:  # the next look is too late
                        yield b": still watching\n\n"
                        told = clock()
            except PiSovereignError as error:
                yield sse.event("error", error_object(error))
