"""Tasks use all of the engine while nobody else asks, and give way to who does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import cast
from uuid import UUID

from pisovereign.agents.quota import Budget, EngineQuota
from pisovereign.engine_client.client import Delta, EngineClient, EngineHealth, Finished
from pisovereign.engine_client.priority import InteractiveRequests
from pisovereign.engine_client.types import ChatRequest, EngineStatistics, Message, Usage

USER = UUID(int=1)


class Engine:
    """Answers with what it was asked, once it is let; counts what it works at.

    Attributes:
        working: What is being answered.
        begun: What was begun, again and again.
    """

    def __init__(self, slots: int = 4) -> None:
        self.interactive = InteractiveRequests()
        self._slots = slots
        self.working: list[str] = []
        self.begun: list[str] = []
        self.may_end = asyncio.Event()

    async def health(self) -> EngineHealth:
        statistics = EngineStatistics(
            queue=0,
            active=0,
            slots=self._slots,
            batch_occupancy=0.0,
            prompt_tokens=0,
            cached_tokens=0,
            completion_tokens=0,
            requests=0,
            queue_seconds=0.0,
            prefill_tokens_per_second=0.0,
            decode_tokens_per_second=0.0,
            cache_bytes=0,
            cache_entries=0,
            cache_hits=0,
        )
        return EngineHealth("model", 4096, statistics=statistics)

    async def chat(
        self, request: ChatRequest, *, low_priority: bool = False
    ) -> AsyncGenerator[Delta | Finished]:
        assert low_priority
        asked = request.messages[0].content
        self.working.append(asked)
        self.begun.append(asked)
        try:
            yield Delta(f'{{"text": "{asked}')
            await self.may_end.wait()
            yield Delta('"}')
            yield Finished("stop", Usage(total_tokens=10), "model")
        finally:
            self.working.remove(asked)


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _course(places: int) -> None:
    engine = Engine()
    quota = EngineQuota(cast("EngineClient", engine), "model", places)

    async def ask(text: str, budget: Budget) -> object:
        return await quota.ask(
            [Message("user", text)], {}, budget=budget, most_tokens=100, user=USER
        )

    budget = Budget(1000)
    asking = [asyncio.create_task(ask(f"q{i}", budget)) for i in range(places + 1)]
    await _settled()
    everything = [f"q{i}" for i in range(places)]
    assert engine.working == everything
    with engine.interactive.track():
        await _settled()
        assert engine.working == everything[:-1]  # the newest one gave way
        with engine.interactive.track():
            await _settled()
            assert engine.working == everything[: max(0, places - 2)]
        await _settled()
        assert len(engine.working) == places - 1
    await _settled()
    assert len(engine.working) == places
    engine.may_end.set()
    answers = await asyncio.gather(*asking)
    assert answers == [{"text": f"q{i}"} for i in range(places + 1)]
    assert engine.working == []
    assert set(engine.begun) == {f"q{i}" for i in range(places + 1)}
    assert len(engine.begun) > places + 1
    assert budget.left == 1000 - 10 * (places + 1), "what was given up is not paid for"

    engine.may_end.clear()
    poor = asyncio.create_task(ask("poor", Budget(1)))
    for _ in range(places):
        asking.append(asyncio.create_task(ask("more", budget)))
    await _settled()
    poor.cancel()
    await _settled()
    assert poor.cancelled()
    assert len(engine.working) == places
    engine.may_end.set()
    await asyncio.gather(*asking)


def test_who_asks_finds_a_place() -> None:
    for places in (1, 2, 3, 4):
        asyncio.run(_course(places))


def test_giving_way_costs_no_task_its_tokens() -> None:
    async def course() -> None:
        engine = Engine()
        quota = EngineQuota(cast("EngineClient", engine), "model", 2)
        asking = [
            asyncio.create_task(
                quota.ask([Message("user", text)], {}, budget=budget, most_tokens=9, user=USER)
            )
            for text, budget in (("rich", Budget(100)), ("poor", Budget(1)))
        ]
        for _ in range(5):
            await _settled()
            with engine.interactive.track():
                await _settled()
        engine.may_end.set()
        assert await asyncio.gather(*asking) == [{"text": "rich"}, {"text": "poor"}]
        assert engine.begun.count("poor") == 6

    asyncio.run(course())


def test_no_more_places_are_used_than_the_engine_has() -> None:
    async def course(slots: int, workers: int, expected: int) -> None:
        engine = Engine(slots)
        quota = EngineQuota(cast("EngineClient", engine), "model", 4, workers=workers)
        ask = partial(quota.ask, schema={}, budget=Budget(100), most_tokens=9, user=USER)
        asking = [asyncio.create_task(ask([Message("user", "q")])) for _ in range(4)]
        await _settled()
        assert len(engine.working) == expected
        engine.may_end.set()
        await asyncio.gather(*asking)

    for slots, workers, expected in ((2, 1, 2), (8, 1, 4), (2, 2, 1), (1, 2, 1)):
        asyncio.run(course(slots, workers, expected))
