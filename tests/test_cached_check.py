"""A check that anybody may ask for asks the other server only once in a while."""

from __future__ import annotations

import asyncio

import pytest

from pisovereign.errors import UpstreamError
from pisovereign.health import CachedCheck


class Service:
    """Counts how often it is asked, and fails as a test says."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: UpstreamError | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure


def test_the_outcome_is_kept_and_asked_for_once_at_a_time() -> None:
    async def scenario() -> None:
        service = Service()
        check = CachedCheck(service)
        latencies = await asyncio.gather(*(check() for _ in range(20)))
        assert service.asked == 1
        assert len(set(latencies)) == 1

    asyncio.run(scenario())


def test_a_failure_is_kept_for_less_time() -> None:
    async def scenario() -> None:
        service = Service()
        service.failure = UpstreamError("away")
        check = CachedCheck(service, good_s=60, bad_s=0)
        for asked in (1, 2):
            with pytest.raises(UpstreamError, match="away"):
                await check()
            assert service.asked == asked
        service.failure = None
        await check()
        await check()
        assert service.asked == 3

    asyncio.run(scenario())


def test_a_server_that_does_not_answer_is_a_failure_that_is_kept() -> None:
    async def scenario() -> None:
        service = Service()
        service.answers.clear()
        check = CachedCheck(service, limit_s=0.01)
        for _ in range(2):
            with pytest.raises(UpstreamError, match="in time"):
                await check()
        assert service.asked == 1

    asyncio.run(scenario())
