"""Values that are fetched again when they get old, and used longer while that fails."""

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


class CachedValue(msgspec.Struct, Generic[V], frozen=True):
    """A value, and when it was fetched; `stale`: a newer one is not available."""

    value: V
    fetched_at: dt.datetime
    age_from: float
    stale: bool = False


class RefreshingCache(Generic[K, V]):
    """Cached values of a service that may be slow or away; they belong to no user.

    Args:
        region: where they are stored, for `keep_s`.
        fetch: asks the service; fails with `UpstreamError` when that is away.
        fresh_s: how long a value is used without fetching it again.
        keep_s: how long an old one is better than none.
        patience_s: how long a newer value is waited for when there is an old one.
        pause_s: how long a service that failed is left alone then.
        most: how many fetches may run at a time.
        clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        region: Region[CachedValue[V]],
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
        self._region = region
        self._failed: OrderedDict[K, float] = OrderedDict()
        self._running: dict[K, asyncio.Task[CachedValue[V]]] = {}

    async def get(self, key: K) -> CachedValue[V]:
        """Return the value of a key; an old one, marked as stale, when there is no newer one.

        Raises:
            UpstreamError: the service is away, and nothing is stored.
        """
        old = self._usable(key)
        if old is not None and self._age(old) < self._fresh_s:
            self._region.count_hit()
            return old
        if old is not None and key not in self._running and self._failed_lately(key):
            return self._stale(old)
        task = self._task(key)
        await asyncio.wait({task}, timeout=self._patience_s if old else None)
        if not task.done():
            assert old is not None
            return self._stale(old)
        try:
            new = task.result()
        except UpstreamError:
            if old is None:
                self._region.count_miss()
                raise
            return self._stale(old)
        self._region.count_miss()
        return new

    async def refresh(self, key: K) -> CachedValue[V]:
        """Fetch the value now, whatever is stored.

        Raises:
            UpstreamError: the service is away.
        """
        task = self._task(key)
        await asyncio.wait({task})
        return task.result()

    async def close(self) -> None:
        """Cancel what is being fetched."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _usable(self, key: K) -> CachedValue[V] | None:
        kept = self._region.peek(None, _name(key))
        return None if kept is None or self._age(kept) >= self._keep_s else kept

    def _age(self, kept: CachedValue[V]) -> float:
        return self._clock() - kept.age_from

    def _failed_lately(self, key: K) -> bool:
        failed = self._failed.get(key)
        return failed is not None and self._clock() - failed < self._pause_s

    def _task(self, key: K) -> asyncio.Task[CachedValue[V]]:
        """Return the one fetch of a key; it goes on when those who wait for it are canceled."""
        if key not in self._running:
            if len(self._running) >= self._most:
                raise UpstreamError("Too many requests are waiting for the service")
            task = asyncio.create_task(self._store(key))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return self._running[key]

    async def _store(self, key: K) -> CachedValue[V]:
        value = await self._fetch(key)
        kept = CachedValue(value, dt.datetime.now(dt.UTC), self._clock())
        self._region.put(None, _name(key), kept)
        return kept

    def _finished(self, key: K, task: asyncio.Task[CachedValue[V]]) -> None:
        self._running.pop(key, None)
        self._failed.pop(key, None)
        # Asking for the exception also marks it as seen when nobody waits any more.
        if not task.cancelled() and task.exception() is not None and self._usable(key):
            self._failed[key] = self._clock()
            while len(self._failed) > self._most:
                self._failed.popitem(last=False)

    def _stale(self, kept: CachedValue[V]) -> CachedValue[V]:
        """Return the value marked as stale, which it is not in the cache."""
        self._region.count_stale()
        return msgspec.structs.replace(kept, stale=True)


def _name(key: Hashable) -> bytes:
    return repr(key).encode()
