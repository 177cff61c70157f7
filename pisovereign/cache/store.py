"""One bounded store for everything that a worker keeps for a while.

cachetools counts time and forgets what was used least recently. What it has not is a bound for the
number of entries beside that for their bytes, and one question at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from cachetools import TLRUCache

from pisovereign.cache.metrics import CacheMetrics, Name

# Key, bookkeeping and Python's objects: roughly what an entry takes beside its content.
ENTRY_BYTES = 500
# A single entry must not push out all others.
_LARGEST_SHARE = 8

V = TypeVar("V")


class _Key(NamedTuple):
    region: str
    owner: UUID | None
    digest: bytes


class _Entry(NamedTuple):
    value: object
    size: int
    keep_s: float


class Cache:
    """Keeps values of all regions within one bound of bytes and one of entries.

    Used on one event loop. What was used least recently goes first.

    Args:
        most_bytes: about how much memory it may take.
        most_entries: how many values it may hold.
        meter: is told of questions, bytes and entries.
        clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        most_bytes: int,
        most_entries: int,
        meter: CacheMetrics | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_entries = most_entries
        self._largest = most_bytes // _LARGEST_SHARE
        self.meter = meter or CacheMetrics()
        self._kept: TLRUCache[_Key, _Entry] = TLRUCache(
            most_bytes,
            ttu=lambda _key, entry, now: now + entry.keep_s,
            timer=clock,
            getsizeof=lambda entry: entry.size,
        )

    def __len__(self) -> int:
        """How many values it holds."""
        return len(self._kept)

    def get(self, key: _Key) -> object | None:
        """What is kept under a key."""
        entry = self._kept.get(key)
        return None if entry is None else entry.value

    def put(self, key: _Key, value: object, size: int, keep_s: float) -> None:
        """Keep a value of so many bytes for so long; one that is too large is not kept."""
        size += ENTRY_BYTES
        if size > self._largest:
            self._kept.pop(key, None)
            return
        if key not in self._kept:
            while len(self._kept) >= self._most_entries:
                self._kept.popitem()
        self._kept[key] = _Entry(value, size, keep_s)
        self.meter.holds(round(self._kept.currsize), len(self._kept))


class Region(Generic[V]):
    """Values of one kind.

    Args:
        cache: where they are kept.
        name: of what kind they are.
        keep_s: how long each is kept; 0: not at all.
        size: how many bytes one takes.
    """

    def __init__(self, cache: Cache, name: Name, keep_s: float, size: Callable[[V], int]) -> None:
        self._cache = cache
        self._name: Name = name
        self._keep_s = keep_s
        self._size = size
        self._flights: dict[_Key, asyncio.Task[V]] = {}

    @property
    def enabled(self) -> bool:
        """Whether anything is kept."""
        return self._keep_s > 0

    def peek(self, owner: UUID | None, key: bytes) -> V | None:
        """What is kept, without counting the question.

        Args:
            owner: whose it is; None only for what is nobody's, such as the weather.
            key: what it answers, of any length.
        """
        return self._cache.get(self._key(owner, key))  # type: ignore[return-value]  # from `put`

    def get(self, owner: UUID | None, key: bytes) -> V | None:
        """What is kept; a hit or a miss."""
        if not self.enabled:
            return None
        value = self.peek(owner, key)
        self._cache.meter.count(self._name, "miss" if value is None else "hit")
        return value

    def put(self, owner: UUID | None, key: bytes, value: V) -> None:
        """Keep a value."""
        if self.enabled:
            self._cache.put(self._key(owner, key), value, self._size(value), self._keep_s)

    def hit(self) -> None:
        """Count a question that what is kept has answered."""
        self._cache.meter.count(self._name, "hit")

    def miss(self) -> None:
        """Count one that had to be asked."""
        self._cache.meter.count(self._name, "miss")

    def stale(self) -> None:
        """Count one that only something old could answer."""
        self._cache.meter.count(self._name, "stale")

    async def through(self, owner: UUID | None, key: bytes, ask: Callable[[], Awaitable[V]]) -> V:
        """What is kept, or what `ask` gives; equal questions at the same time are asked once.

        Whoever leaves does not take the answer away from the others. What `ask` raises goes to all
        who wait, and is not kept.
        """
        value = self.get(owner, key)
        if value is not None:
            return value
        if not self.enabled:
            return await ask()
        place = self._key(owner, key)
        flight = self._flights.get(place)
        if flight is None:
            flight = asyncio.ensure_future(self._fill(owner, key, ask))
            self._flights[place] = flight
            flight.add_done_callback(lambda done: self._landed(place, done))
        return await asyncio.shield(flight)

    async def _fill(self, owner: UUID | None, key: bytes, ask: Callable[[], Awaitable[V]]) -> V:
        value = await ask()
        self.put(owner, key, value)
        return value

    def _landed(self, place: _Key, flight: asyncio.Task[V]) -> None:
        self._flights.pop(place, None)
        if not flight.cancelled():
            flight.exception()  # seen, also when nobody waits any more

    def _key(self, owner: UUID | None, key: bytes) -> _Key:
        return _Key(self._name, owner, hashlib.blake2b(key, digest_size=16).digest())
