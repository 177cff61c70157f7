"""The one bounded store of everything that a worker caches.

cachetools counts time and forgets what was used least recently. What it lacks is a bound for the
number of entries beside that for their bytes, and a single computation for equal keys.
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
    """The values of all regions, within one bound of bytes and one of entries.

    Used on one event loop. What was used least recently goes first.

    Args:
        most_bytes: about how much memory it may take.
        most_entries: how many values it may hold.
        meter: counts lookups, bytes and entries.
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
        return len(self._kept)

    def get(self, key: _Key) -> object | None:
        """Return the value of a key; None: there is none."""
        entry = self._kept.get(key)
        return None if entry is None else entry.value

    def put(self, key: _Key, value: object, size: int, keep_s: float) -> None:
        """Store a value of `size` bytes for `keep_s` seconds, unless it is too large."""
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
    """The cached values of one kind.

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
        self._running: dict[_Key, asyncio.Task[V]] = {}

    @property
    def enabled(self) -> bool:
        """Return whether anything is stored."""
        return self._keep_s > 0

    def peek(self, owner: UUID | None, key: bytes) -> V | None:
        """Return what is stored, without counting the lookup.

        Args:
            owner: whose it is; None only for what is nobody's, such as the weather.
            key: what the value is for, of any length.
        """
        return self._cache.get(self._key(owner, key))  # type: ignore[return-value]  # from `put`

    def get(self, owner: UUID | None, key: bytes) -> V | None:
        """Return what is stored, and count a hit or a miss."""
        if not self.enabled:
            return None
        value = self.peek(owner, key)
        self._cache.meter.count(self._name, "miss" if value is None else "hit")
        return value

    def put(self, owner: UUID | None, key: bytes, value: V) -> None:
        """Store a value."""
        if self.enabled:
            self._cache.put(self._key(owner, key), value, self._size(value), self._keep_s)

    def count_hit(self) -> None:
        """Count a lookup that was answered from the cache."""
        self._cache.meter.count(self._name, "hit")

    def count_miss(self) -> None:
        """Count one that had to be fetched."""
        self._cache.meter.count(self._name, "miss")

    def count_stale(self) -> None:
        """Count one that only an old value could answer."""
        self._cache.meter.count(self._name, "stale")

    async def get_or_compute(
        self, owner: UUID | None, key: bytes, compute: Callable[[], Awaitable[V]]
    ) -> V:
        """Return what is stored, or what `compute` gives; it runs once for equal keys.

        A caller that is canceled does not take the value away from the others. What `compute`
        raises goes to all who wait, and is not stored.
        """
        value = self.get(owner, key)
        if value is not None:
            return value
        if not self.enabled:
            return await compute()
        place = self._key(owner, key)
        task = self._running.get(place)
        if task is None:
            task = asyncio.ensure_future(self._fill(owner, key, compute))
            self._running[place] = task
            task.add_done_callback(lambda done: self._finished(place, done))
        return await asyncio.shield(task)

    async def _fill(self, owner: UUID | None, key: bytes, compute: Callable[[], Awaitable[V]]) -> V:
        value = await compute()
        self.put(owner, key, value)
        return value

    def _finished(self, place: _Key, task: asyncio.Task[V]) -> None:
        self._running.pop(place, None)
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits any more

    def _key(self, owner: UUID | None, key: bytes) -> _Key:
        return _Key(self._name, owner, hashlib.blake2b(key, digest_size=16).digest())
