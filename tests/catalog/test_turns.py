"""Whose command is executed next, and that nobody shuts the others out."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from pisovereign.catalog.turns import MOST_WAITING, Turns
from pisovereign.errors import NotBegun
from tests.catalog.conftest import Catalog
from tests.support.server import BOB_KEY, wait_until


class Commands:
    """Commands that are executed until somebody ends them."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.begun: list[str] = []
        self._ends: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def ask(self, owners: str) -> list[asyncio.Task[None]]:
        asked = [asyncio.create_task(self._run(owner)) for owner in owners]
        self._tasks += asked
        await settle()
        return asked

    async def end_first(self) -> None:
        self._ends.pop(0).set()
        await settle()

    async def end_all(self) -> None:
        while self._ends:
            await self.end_first()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, owner: str) -> None:
        async with self._turns.take(owner):
            self.begun.append(owner)
            end = asyncio.Event()
            self._ends.append(end)
            await end.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def commands(places: int, wait_s: float = 60.0) -> AsyncIterator[Commands]:
    made = Commands(Turns(places, wait_s))
    yield made
    await made.end_all()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()

    asyncio.run(whole())


def test_one_place_is_left_to_somebody_else() -> None:
    async def test() -> None:
        async with commands(4) as made:
            await made.ask("aaaaaa")
            assert made.begun == ["a"] * 3
            await made.ask("b")
            assert made.begun == ["a"] * 3 + ["b"]

    run(test)


def test_people_take_turns() -> None:
    async def test() -> None:
        async with commands(2) as made:
            await made.ask("aaaabbbc")
            for _ in range(6):
                await made.end_first()
            assert Counter(made.begun[:3]) == Counter("abc")
            assert made.begun.index("c") < 3

    run(test)


def test_with_one_place_everybody_gets_it() -> None:
    async def test() -> None:
        async with commands(1) as made:
            await made.ask("aab")
            await made.end_first()
            assert made.begun == ["a", "b"]

    run(test)


def test_what_waits_is_bounded_and_others_have_room_nevertheless() -> None:
    async def test() -> None:
        async with commands(2) as made:
            asked = await made.ask("a" * 40)
            refused = [task for task in asked if task.done()]
            assert len(asked) - len(refused) <= MOST_WAITING + 2
            assert all(isinstance(task.exception(), NotBegun) for task in refused)
            (other,) = await made.ask("b")
            assert not other.done()
            assert "b" in made.begun

    run(test)


def test_who_waits_too_long_is_told_and_no_place_is_lost() -> None:
    async def test() -> None:
        async with commands(1, wait_s=0.01) as made:
            _, late = await made.ask("ab")
            with pytest.raises(NotBegun):
                await late
            await made.end_first()
            await made.ask("b")
            assert made.begun == ["a", "b"]

    run(test)


def test_who_leaves_gives_the_place_back() -> None:
    async def test() -> None:
        async with commands(1) as made:
            first, waiting, _ = await made.ask("abc")
            waiting.cancel()
            first.cancel()
            await settle()
            assert made.begun == ["a", "c"]

    run(test)


def test_one_user_who_loops_a_command_does_not_shut_another_out(catalog: Catalog) -> None:
    """24 at a time of one user's, each for a second; another's all had a 503."""
    slow = catalog.add_free("sleep 1")
    statuses: list[int] = []
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            statuses.append(catalog.execute(slow).status_code)

    threads = [threading.Thread(target=loop) for _ in range(24)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: 503 in statuses, 60, "more of them than may wait")
        others = [catalog.execute("default-uptime", key=BOB_KEY).status_code for _ in range(8)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert others == [200] * 8
