"""The parts of a task, each as soon as it can be."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.agents import task_worker as worker
from pisovereign.agents.task_worker import TaskWorker
from pisovereign.agents.types import Draft, Part, PartStatus
from pisovereign.errors import ServiceUnavailable
from tests.support.patience import PATIENCE_S

APPROVAL = UUID(int=1)


class World:
    """A task of two parts in place of database and tools: one is slow, one waits for a person."""

    def __init__(self) -> None:
        self.status: dict[int, PartStatus] = {1: "pending", 2: "awaiting_approval"}
        self.begun: list[int] = []
        self.undecided_ones = {APPROVAL}
        self.away = 0
        self.looks = 0
        self.fails: dict[int, int] = {}
        self.end = asyncio.Event()
        self.result = ""

    async def parts(self, _: Any) -> list[Part]:
        self.looks += 1
        if self.away and self.begun:
            self.away -= 1
            raise ServiceUnavailable("the database is not reachable")
        return [self._part(number, status) for number, status in self.status.items()]

    def _part(self, number: int, status: PartStatus) -> Part:
        draft = Draft(description="", tool="weather")
        approval = APPROVAL if number > 1 else None
        return Part(number=number, status=status, draft=draft, approval_id=approval)

    async def undecided(self, _: Any, ids: list[UUID]) -> set[UUID]:
        return self.undecided_ones & set(ids)

    async def work(self, _: Any, part: Part, parts: Any) -> None:
        self.begun.append(part.number)
        if self.fails.get(part.number, 0):
            self.fails[part.number] -= 1
            raise ServiceUnavailable("the database is not reachable")
        if part.number == 1:
            await self.end.wait()
        self.status[part.number] = "completed"

    async def goes_on(self, _: Any, status: str) -> None:
        pass

    async def finished(self, *_: Any) -> None:
        self.result = "over"

    async def report(self, *_: Any) -> str:
        return ""


def carry_out(world: World) -> asyncio.Task[Any]:
    fake = cast(Any, world)
    tasks = TaskWorker(
        transitions=fake,
        planning=fake,
        parts=fake,
        reporter=fake,
        approvals=fake,
        most_parts=8,
        parallel=1,
    )
    running = SimpleNamespace(
        job=SimpleNamespace(user=UUID(int=2)),
        request=SimpleNamespace(require_approval=False),
        caller=SimpleNamespace(identity=None),
        status="running",
        plan_summary="",
        language="en",
    )
    return asyncio.create_task(tasks.work(cast(Any, running)))


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - of what is done, which nothing tells
            await asyncio.sleep(0.001)


def test_work_goes_on_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK_S", 0.001)

    async def course() -> None:
        world = World()
        world.away = 3
        task = carry_out(world)
        await until(lambda: world.looks > 5 or task.done())
        world.undecided_ones.clear()
        await until(lambda: world.status[2] == "completed" or task.done())
        world.end.set()
        assert await task == "over"
        assert sorted(world.begun) == [1, 2]

    asyncio.run(course())


def test_what_cannot_be_written_down_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK_S", 0.001)

    async def course() -> None:
        world = World()
        world.fails = {2: 2}
        world.undecided_ones.clear()
        task = carry_out(world)
        await until(lambda: world.begun.count(2) == 3 or task.done())
        assert not task.done()
        world.end.set()
        assert await task == "over"
        assert world.begun.count(1) == 1

    asyncio.run(course())


def test_alone_it_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK_S", 0.001)

    async def course() -> None:
        world = World()
        world.fails = {1: 1}
        with pytest.raises(ServiceUnavailable):
            await carry_out(world)

    asyncio.run(course())


def test_what_works_ends_with_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK_S", 0.001)

    async def course() -> None:
        world = World()
        task = carry_out(world)
        await until(lambda: world.begun == [1])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert world.status[1] == "pending"

    asyncio.run(course())
