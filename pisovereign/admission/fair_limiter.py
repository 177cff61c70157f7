"""Places for requests that compute, so that nobody's many make anybody else's few wait.

One event loop computes for all. Were everything begun at once that comes in, each request would
take as long as all of them together. So a few are at work at a time, and people take turns at
their places; who asks for more than can be done soon is refused at once, before anything is done.

A place is for work of this process. Who waits for the engine, or for another machine, gives it
back. After a moment it is taken back as well, if the process did little meanwhile: a request that
still runs then waits for something, unless it says that the machine works for it: in the
database, which has few connections, or in parts.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pisovereign.admission.fair_queue import FairQueue, Full
from pisovereign.errors import RateLimited, ServiceUnavailable

# Enough to compute for one while others wait for the database.
PLACES = 3
# Of these, one owner has so many: what somebody else asks for can begin at once.
MOST_PLACES_OF_ONE = 2
QUEUE = 32
# Of these, who asks for little has so many: a page asks for several things at once.
RESERVED = 8
# Of one owner, with those that wait for something else.
MOST_OF_ONE = 64
HOLD_S, WAIT_S = 0.1, 5.0
# A place is taken back after so many times as long whatever the process did.
_MOST_TIMES = 50
# As much of the time, or a timer that is so late, says that the process computes.
_BUSY_SHARE, _LATE_S = 0.5, 0.01
RETRY_S = 1


class FairLimiter:
    """The places of one process.

    Args:
        places: How many there are.
        queue: How many requests may wait for one, but for what each owner may in any case.
        reserved: How many that are.
        most_of_one: How many requests one owner may have that are not answered yet.
        places_of_one: How many places one owner has at once.
        hold_s: After how long a place is taken back from a request that waits, in seconds.
        wait_s: How long a request waits for one at most, in seconds.
    """

    def __init__(
        self,
        places: int = PLACES,
        *,
        queue: int = QUEUE,
        reserved: int = RESERVED,
        most_of_one: int = MOST_OF_ONE,
        places_of_one: int = MOST_PLACES_OF_ONE,
        hold_s: float = HOLD_S,
        wait_s: float = WAIT_S,
    ) -> None:
        self._places = places
        self._most_of_one = most_of_one
        self._places_of_one = places_of_one
        self._hold_s, self._wait_s = hold_s, wait_s
        self._busy: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._queue: FairQueue[_Waiting] = FairQueue(
            queue, lambda waiting: waiting.owner, reserved=reserved
        )

    async def enter(self, owner: str) -> Permit:
        """Wait for a place; it has to be closed when the request is answered.

        Raises:
            RateLimited: too many requests of this owner are not answered yet.
            ServiceUnavailable: too many wait.
        """
        if self._open[owner] >= self._most_of_one:
            raise RateLimited(RETRY_S)
        if self._busy.total() < self._places and self._may_begin(owner):
            self._busy[owner] += 1
        else:
            await self._wait(owner)
        self._open[owner] += 1
        place = Permit(self, owner, self._hold_s)
        _held.set(place)
        return place

    async def _wait(self, owner: str) -> None:
        """Wait until a place is given to this request."""
        waiting = _Waiting(owner)
        try:
            self._queue.add(waiting, 0)
        except Full:
            raise ServiceUnavailable("The server is busy", retry_after=RETRY_S) from None
        try:
            async with asyncio.timeout(self._wait_s):
                await waiting.turn.wait()
        except BaseException as error:
            self._queue.drop(waiting)
            if waiting.turn.is_set():  # it was called, and does not come
                self._go_on(owner)
            if isinstance(error, TimeoutError):
                raise ServiceUnavailable("The server is busy", retry_after=RETRY_S) from None
            raise

    def _may_begin(self, owner: str) -> bool:
        return self._busy[owner] < self._places_of_one

    def left(self, owner: str) -> None:
        """Take back a place; called by it."""
        self._go_on(owner)

    def answered(self, owner: str) -> None:
        """Count a request less; called by its place."""
        self._open[owner] -= 1
        if not self._open[owner]:
            del self._open[owner]

    def _go_on(self, owner: str) -> None:
        """Give a place that is free to whose turn it is."""
        self._busy[owner] -= 1
        if not self._busy[owner]:
            del self._busy[owner]
        able = [waiting for waiting in self._queue if self._may_begin(waiting.owner)]
        if not able:
            return
        following = self._queue.next_owner(able, self._busy)
        waiting = next(each for each in self._queue if each.owner == following)
        self._queue.serve(waiting)
        self._busy[following] += 1
        waiting.turn.set()


class Permit:
    """A place that somebody has.

    Attributes:
        worked_for: How many things this machine does for the request, in parts or in the database.
    """

    def __init__(self, places: FairLimiter, owner: str, hold_s: float) -> None:
        self._places = places
        self._owner = owner
        self._hold_s = hold_s
        self._loop = asyncio.get_running_loop()
        self._times_left = _MOST_TIMES
        self.worked_for = 0
        self._timer: asyncio.TimerHandle | None = None
        self._look_later()

    def leave(self) -> None:
        """Give it back, if that was not done."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._places.left(self._owner)

    def _look_later(self) -> None:
        self._since, self._computed = self._loop.time(), time.process_time()
        self._timer = self._loop.call_later(self._hold_s, self._look)

    def _look(self) -> None:
        """Leave, unless the process is at work: more requests at once would only slow all down."""
        took = self._loop.time() - self._since
        share = (time.process_time() - self._computed) / took
        self._times_left -= 1
        busy = self.worked_for or share > _BUSY_SHARE or took - self._hold_s > _LATE_S
        if self._times_left and busy:
            self._look_later()
        else:
            self.leave()

    def close(self) -> None:
        """Give it back; the request is answered."""
        self.leave()
        self._places.answered(self._owner)


class _Waiting:
    """A request that waits for its turn."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.turn = asyncio.Event()


_held: ContextVar[Permit | None] = ContextVar("held_place", default=None)


def release_permit() -> None:
    """Give back the place of the present request, as it waits for another process from now on."""
    place = _held.get()
    if place is not None:
        place.leave()


@contextmanager
def working() -> Iterator[None]:
    """Keep the place of the present request meanwhile, if it has one: this machine works for it.

    Else work that lets others have turns would look like waiting, and be begun for all at once.
    """
    place = _held.get()
    if place is None:
        yield
        return
    place.worked_for += 1
    try:
        yield
    finally:
        place.worked_for -= 1
