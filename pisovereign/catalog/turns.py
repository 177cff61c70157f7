"""Turns at the runner: people get them by rotation, and nobody has all of its places."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from pisovereign.admission.fair_queue import FairQueue, Full
from pisovereign.errors import NotBegun

# Beside those that are executed.
MOST_WAITING = 16
WAIT_S = 35.0
RETRY_AFTER_S = 5


class _Waiting:
    """A command that has no place yet; `begins` is set when it has."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.begins = asyncio.Event()


class Turns:
    """The places of one runner, as far as this process may use them.

    Args:
        places: How many commands are executed at once. One person has all but one of them at most,
            unless there is but one.
        wait_s: The longest time that a command waits for a place, in seconds.
    """

    def __init__(self, places: int, wait_s: float = WAIT_S) -> None:
        self._places = places
        self._most_each = max(1, places - 1)
        self._wait_s = wait_s
        self._queue: FairQueue[_Waiting] = FairQueue(MOST_WAITING, lambda waiting: waiting.owner)
        self._busy: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def take(self, owner: str) -> AsyncIterator[None]:
        """Have a place inside of the block.

        Raises:
            NotBegun: Too much of this person's waits already, or no place came free in time.
        """
        waiting = _Waiting(owner)
        busy = NotBegun("The runner of commands is busy", retry_after=RETRY_AFTER_S)
        try:
            self._queue.add(waiting, self._places - self._busy.total())
        except Full:
            raise busy from None
        self._begin()
        try:
            try:
                async with asyncio.timeout(self._wait_s):
                    await waiting.begins.wait()
            except TimeoutError:
                raise busy from None
            yield
        finally:
            self._leave(waiting)

    def _begin(self) -> None:
        """Give free places to those whose turn it is."""
        while self._busy.total() < self._places:
            able = [each for each in self._queue if self._busy[each.owner] < self._most_each]
            if not able:
                return
            owner = self._queue.next_owner(able, self._busy)
            first = next(each for each in able if each.owner == owner)
            self._queue.serve(first)
            self._busy[owner] += 1
            first.begins.set()

    def _leave(self, waiting: _Waiting) -> None:
        if waiting.begins.is_set():
            self._busy[waiting.owner] -= 1
            if not self._busy[waiting.owner]:
                del self._busy[waiting.owner]
        else:
            self._queue.drop(waiting)
        self._begin()
