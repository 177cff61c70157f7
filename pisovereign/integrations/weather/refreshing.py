"""Answers that are kept for a while, asked for once at a time, and used longer in need."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import msgspec

from pisovereign.cache.store import Region
from pisovereign.errors import UpstreamError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(msgspec.Struct, Generic[V], frozen=True):
    """An answer, and when it came. `stale`: newer ones are not to be had."""

    value: V
    fetched_at: dt.datetime
    age_from: float
    stale: bool = False


class Refreshing(Generic[K, V]):
    """What the cache keeps of a service that may be slow or away; it belongs to nobody.

    Args:
        kept: the region of the cache; keeps answers for `keep_s`.
        fetch: asks the service; fails with `UpstreamError` when that is away.
        fresh_s: how long an answer is good without asking again.
        keep_s: how long it is better than none.
        patience_s: how long a newer answer is waited for when there is an old one.
        pause_s: how long the service is then left alone.
        most: how many questions may be under way.
        clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        kept: Region[Kept[V]],
        fetch: Callable[[K], Awaitable[V]],
        *,
        fresh_s: float,
        keep_s: float,
        patience_s: float = 2.0,
        pause_s: float = 60.0,
        most: int = 64,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._fresh_s = fresh_s
        self._keep_s = keep_s
        self._patience_s = patience_s
        self._pause_s = pause_s
        self._most = most
        self._clock = clock
        self._kept = kept
        self._failed: OrderedDict[K, float] = OrderedDict()
        self._flights: dict[K, asyncio.Task[Kept[V]]] = {}

    async def get(self, key: K) -> Kept[V]:
        """The answer for a key; an old one, marked as stale, when there is no newer one.

        Raises:
            UpstreamError: the service is away, and nothing is kept.
        """
        old = self._usable(key)
        if old is not None and self._age(old) < self._fresh_s:
            self._kept.hit()
            return old
        if old is not None and key not in self._flights and self._failed_lately(key):
            return self._stale(old)
        flight = self._flight(key)
        await asyncio.wait({flight}, timeout=self._patience_s if old else None)
        if not flight.done():
            assert old is not None
            return self._stale(old)
        try:
            new = flight.result()
        except UpstreamError:
            if old is None:
                self._kept.miss()
                raise
            return self._stale(old)
        self._kept.miss()
        return new

    async def refresh(self, key: K) -> Kept[V]:
        """Ask now, whatever is kept.

        Raises:
            UpstreamError: the service is away.
        """
        flight = self._flight(key)
        await asyncio.wait({flight})
        return flight.result()

    async def close(self) -> None:
        """Give up what is being asked."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _usable(self, key: K) -> Kept[V] | None:
        kept = self._kept.peek(None, _name(key))
        return None if kept is None or self._age(kept) >= self._keep_s else kept

    def _age(self, kept: Kept[V]) -> float:
        return self._clock() - kept.age_from

    def _failed_lately(self, key: K) -> bool:
        failed = self._failed.get(key)
        return failed is not None and self._clock() - failed < self._pause_s

    def _flight(self, key: K) -> asyncio.Task[Kept[V]]:
        """The one question that is under way; it goes on when those who wait for it leave."""
        if key not in self._flights:
            if len(self._flights) >= self._most:
                raise UpstreamError("Too many questions are waiting for the weather service")
            flight = asyncio.create_task(self._ask(key))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return self._flights[key]

    async def _ask(self, key: K) -> Kept[V]:
        value = await self._fetch(key)
        kept = Kept(value, dt.datetime.now(dt.UTC), self._clock())
        self._kept.put(None, _name(key), kept)
        return kept

    def _landed(self, key: K, flight: asyncio.Task[Kept[V]]) -> None:
        self._flights.pop(key, None)
        self._failed.pop(key, None)
        # Asking for the exception also marks it as seen when nobody waits any more.
        if not flight.cancelled() and flight.exception() is not None and self._usable(key):
            self._failed[key] = self._clock()
            while len(self._failed) > self._most:
                self._failed.popitem(last=False)

    def _stale(self, kept: Kept[V]) -> Kept[V]:
        """Marked, and not kept as such."""
        self._kept.stale()
        return msgspec.structs.replace(kept, stale=True)


def _name(key: Hashable) -> bytes:
    return repr(key).encode()
