"""One part of a task, beside what may happen to the task meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pisovereign.agents.part_worker import PartWorker
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.types import Draft, Part, PartOutcome
from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.claim import Superseded
from pisovereign.storage import pool
from tests.actions.support import CALLER

PART = Part(number=1, status="pending", draft=Draft(description="", tool="run"))


class World:
    """A command that needs no approval, in place of everything around it.

    Attributes:
        held: Whether the task is still this process's.
        away: How often the database is away when the end is written.
        ran: How often the command was executed.
    """

    def __init__(self, *, held: bool = True, away: int = 0) -> None:
        self.held = held
        self.away = away
        self.ran = 0
        self.written: list[PartOutcome] = []

    async def started(self, *_: Any) -> None:
        pass

    async def check(self, _: Any) -> None:
        if not self.held:
            raise Superseded

    async def ended(self, _: Any, __: Any, outcome: PartOutcome) -> None:
        if self.away:
            self.away -= 1
            raise ServiceUnavailable("the database is not reachable")
        self.written.append(outcome)

    def command(self, *_: Any) -> Any:
        return None

    async def prepare(self, *_: Any) -> None:
        return None

    async def run(self, *_: Any) -> Any:
        self.ran += 1
        return SimpleNamespace(status="completed", text="done")


async def work(world: World) -> None:
    fake = cast("Any", world)
    worker = PartWorker(
        transitions=fake,
        tools=fake,
        answerer=fake,
        approvals=fake,
        commands=fake,
    )
    running = SimpleNamespace(job=None, caller=CALLER, language="en", turn=asyncio.Lock())
    await worker.work(cast("RunningTask", running), PART, {1: PART})


def test_a_task_that_was_just_cancelled_runs_nothing_more() -> None:
    world = World(held=False)
    with pytest.raises(Superseded):
        asyncio.run(work(world))
    assert (world.ran, world.written) == (0, [])


def test_what_was_done_is_written_once_the_database_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "_RETRY_PAUSE_S", 0.001)
    world = World(away=3)
    asyncio.run(work(world))
    assert (world.ran, world.written) == (1, [PartOutcome(result="done")])


def test_a_database_that_stays_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_RETRY_PAUSE_S", 0.001)
    with pytest.raises(ServiceUnavailable):
        asyncio.run(work(World(away=1000)))
