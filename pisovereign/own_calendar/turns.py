"""How much threads do for one person: thousands of events of one keep nobody else waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from pisovereign.errors import UpstreamError

T = TypeVar("T")
MOST_OF_ONE = 2


class Turns:
    """Turns of people at threads that they share."""

    def __init__(self) -> None:
        self._free: dict[UUID, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MOST_OF_ONE)
        )

    @asynccontextmanager
    async def of(self, user: UUID, limit_s: float) -> AsyncIterator[Turn]:
        """Wait for a turn; it ends with the block, or with the work that is left in a thread.

        Raises:
            UpstreamError: Earlier work of this person takes longer than `limit_s`.
        """
        free = self._free[user]
        try:
            async with asyncio.timeout(limit_s):
                await free.acquire()
        except TimeoutError:
            raise UpstreamError("The calendar did not answer in time") from None
        turn = Turn(free)
        try:
            yield turn
        finally:
            if not turn.begun:
                turn.end()


class Turn:
    """A turn of somebody.

    Attributes:
        begun: Whether a thread works at it.
    """

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free = free
        self._loop = asyncio.get_running_loop()
        self._over = False
        self.begun = False

    def end(self) -> None:
        """Let the next one begin, once."""
        if not self._over:
            self._over = True
            self._free.release()

    def run(self, work: Callable[[], T]) -> T:
        """Do the work of this turn in a thread, and end it: nobody may wait for it any more."""
        self.begun = True
        try:
            return work()
        finally:
            with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
                self._loop.call_soon_threadsafe(self.end)
