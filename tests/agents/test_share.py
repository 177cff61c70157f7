"""Tasks use all of the engine while nobody else asks, and give way to who does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

from pisovereign.agents.share import Budget, BudgetSpent, EngineShare
from pisovereign.engine.client import Delta, EngineClient, Finished
from pisovereign.engine.turns import Turns
from pisovereign.engine.types import ChatRequest, Message, Usage


class Engine:
    """Answers with what it was asked, once it is let; counts what it works at.

    Attributes:
        working: What is being answered.
        begun: What was begun, again and again.
    """

    def __init__(self) -> None:
        self.turns = Turns()
        self.working: list[str] = []
        self.begun: list[str] = []
        self.may_end = asyncio.Event()

    async def chat(
        self, request: ChatRequest, *, gives_way: bool = False
    ) -> AsyncGenerator[Delta | Finished]:
        assert gives_way
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
    share = EngineShare(cast("EngineClient", engine), "model", places)

    async def ask(text: str, budget: Budget) -> object:
        return await share.ask(
            [Message("user", text)], {}, budget=budget, most_tokens=100, cache_key=""
        )

    budget = Budget(1000)
    asking = [asyncio.create_task(ask(f"q{i}", budget)) for i in range(places + 1)]
    await _settled()
    everything = [f"q{i}" for i in range(places)]
    assert engine.working == everything
    with engine.turns.person():
        await _settled()
        assert engine.working == everything[:-1]  # the newest one gave way
        with engine.turns.person():
            await _settled()
            assert engine.working == everything[: max(1, places - 2)]
        await _settled()
        assert len(engine.working) == places - 1
    await _settled()
    assert len(engine.working) == places
    engine.may_end.set()
    answers = await asyncio.gather(*asking)
    assert answers == [{"text": f"q{i}"} for i in range(places + 1)]
    assert engine.working == []
    assert set(engine.begun) == {f"q{i}" for i in range(places + 1)}
    # What was begun in vain is paid for, too.
    assert budget.left == 1000 - 10 * (places + 1) - (len(engine.begun) - places - 1)

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
    for places in (2, 3, 4):
        asyncio.run(_course(places))


def test_giving_way_ends_when_the_tokens_do() -> None:
    async def course() -> None:
        engine = Engine()
        share = EngineShare(cast("EngineClient", engine), "model", 2)
        asking = [
            asyncio.create_task(
                share.ask([Message("user", text)], {}, budget=budget, most_tokens=9, cache_key="")
            )
            for text, budget in (("rich", Budget(100)), ("poor", Budget(1)))
        ]
        await _settled()
        with engine.turns.person():
            await _settled()
        engine.may_end.set()
        rich, poor = await asyncio.gather(*asking, return_exceptions=True)
        assert rich == {"text": "rich"}
        assert isinstance(poor, BudgetSpent)

    asyncio.run(course())
