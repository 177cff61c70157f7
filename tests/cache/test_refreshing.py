"""A bounded cache in front of a service that may be slow or away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from pisovereign.cache.metrics import REQUESTS, CacheMetrics
from pisovereign.cache.refreshing import CachedValue, RefreshingCache
from pisovereign.cache.store import Cache, Region
from pisovereign.errors import UpstreamError


class Service:
    """Counts, waits and fails as it is told."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.down = False
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, key: int) -> int:
        self.asked.append(key)
        await self.open.wait()
        if self.down:
            raise UpstreamError("away")
        return key * 10 + len(self.asked)


class Bench:
    def __init__(self, **options: Any) -> None:
        self.now = 0.0
        self.service = Service()
        self.counts = CollectorRegistry()
        meter = CacheMetrics(self.counts)
        self.store = Cache(1 << 20, options.get("most", 64), meter, clock=self.clock)
        region: Region[CachedValue[int]] = Region(self.store, "weather", 100, lambda _: 8)
        defaults: dict[str, Any] = {"fresh_s": 10, "keep_s": 100, "patience_s": 0.01, "pause_s": 5}
        self.cache: RefreshingCache[int, int] = RefreshingCache(
            region, self.service, clock=self.clock, **{**defaults, **options}
        )

    def counted(self) -> list[float | None]:
        """Hits, misses and stale ones."""
        return [
            self.counts.get_sample_value(REQUESTS, {"cache": "weather", "outcome": outcome})
            for outcome in ("hit", "miss", "stale")
        ]

    def clock(self) -> float:
        return self.now

    async def get(self, key: int = 1) -> tuple[int, bool]:
        kept = await self.cache.get(key)
        return kept.value, kept.stale


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def test_fresh_then_asked_again() -> None:
    async def scenario() -> None:
        bench = Bench()
        assert await bench.get() == (11, False)
        bench.now = 9.9
        assert await bench.get() == (11, False)
        bench.now = 10
        assert await bench.get() == (12, False)

    run(scenario())


def test_stale_when_down_and_not_asked_again_for_a_while() -> None:
    async def scenario() -> None:
        bench = Bench()
        await bench.get()
        bench.service.down = True
        bench.now = 20
        assert await bench.get() == (11, True)
        assert await bench.get() == (11, True)
        assert len(bench.service.asked) == 2
        bench.now = 25
        assert await bench.get() == (11, True)
        assert len(bench.service.asked) == 3
        bench.service.down = False
        bench.now = 30
        assert await bench.get() == (14, False)
        assert await bench.get() == (14, False)
        assert bench.counted() == [1, 2, 3]

    run(scenario())


def test_too_old_is_worse_than_none() -> None:
    async def scenario() -> None:
        bench = Bench()
        await bench.get()
        bench.service.down = True
        bench.now = 100
        with pytest.raises(UpstreamError):
            await bench.get()

    run(scenario())


def test_a_slow_answer_is_not_waited_for_but_taken_over() -> None:
    async def scenario() -> None:
        bench = Bench()
        await bench.get()
        bench.service.open.clear()
        bench.now = 20
        assert await bench.get() == (11, True)
        bench.service.open.set()
        for _ in range(5):
            await asyncio.sleep(0)
        assert await bench.get() == (12, False)
        assert len(bench.service.asked) == 2

    run(scenario())


def test_who_leaves_does_not_end_it_for_others() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.service.open.clear()
        leaving, staying = asyncio.create_task(bench.get()), asyncio.create_task(bench.get())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        bench.service.open.set()
        assert await staying == (11, False)
        assert len(bench.service.asked) == 1

    run(scenario())


def test_only_so_many_are_kept() -> None:
    async def scenario() -> None:
        bench = Bench(most=3)
        for key in range(100):
            await bench.get(key)
        assert len(bench.store) == 3
        bench.service.down, bench.now = True, 20.0
        for key in range(100):
            with contextlib.suppress(UpstreamError):
                await bench.get(key)
        assert len(bench.cache._failed) == 3
        bench.service.down, bench.now = False, 30.0

    run(scenario())


def test_only_so_many_wait() -> None:
    async def scenario() -> None:
        bench = Bench(most=3)
        bench.service.open.clear()
        waiting = [asyncio.create_task(bench.get(key)) for key in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(UpstreamError, match="Too many requests"):
            await bench.get(4)
        await bench.cache.close()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert len(results) == 3

    run(scenario())
