"""How tasks end when that meets a decision, or something that cannot be read."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from pisovereign.agents.types import Task
from pisovereign.agents.worker import TaskWorker
from pisovereign.approvals import store
from tests.agents.machine import World, opened, run
from tests.support.server import Server

_LEASE = dt.timedelta(seconds=15)
REMINDER = "remind me tomorrow at 9 to pack"


class Stage:
    """A world in which one thing happens after the other."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self.loop = loop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return run(self.loop, work)

    def begin(self, request: str, *, require_approval: bool = False) -> uuid.UUID:
        """Create a task, and work at it until it waits."""
        task: uuid.UUID = self.do(self.world.create(request, require_approval=require_approval))
        self.work()
        return task

    def work(self) -> None:
        self.do(self.world.work(None, after=False))

    def show(self, task: uuid.UUID) -> Task:
        shown: Task = self.do(self.world.agents.service.get(self.world.user, task))
        return shown

    def cancel(self, task: uuid.UUID) -> None:
        self.do(self.world.agents.service.cancel(self.world.identity, task))

    def execute(self, statement: str) -> None:
        async def executed() -> None:
            async with self.world.database.transaction(self.world.user) as connection:
                cursor = await connection.execute(statement.encode(), (self.world.user,))
                assert cursor.rowcount

        self.do(executed())


@pytest.fixture
def stage(server: Server) -> Iterator[Stage]:
    with opened(server) as (loop, database, key):
        yield Stage(World(database, key), loop)


def test_what_was_carried_out_is_told_although_the_task_is_cancelled(stage: Stage) -> None:
    task = stage.begin(f"{REMINDER}, and {REMINDER.replace('9', '10')}")
    first, _ = stage.do(stage.world.pending())
    stage.do(stage.world.approve(first, dies=False))
    stage.cancel(task)
    done, cancelled = stage.show(task).sub_agents
    assert (done.status, cancelled.status) == ("completed", "cancelled")
    assert str(done.result).startswith("Done: Create a reminder")
    events = stage.do(stage.world.agents.watchers.log.after(stage.world.user, task, 0, 100))
    assert [event.kind for event in events[-2:]] == ["sub_agent_completed", "task_cancelled"]


def test_a_plan_that_was_approved_is_carried_out_although_the_process_died(stage: Stage) -> None:
    task = stage.begin("check the weather", require_approval=True)
    stage.execute(
        "UPDATE approvals SET status = 'approved', lease_until = now() - interval '1 second'"
        " WHERE user_id = %s"
    )
    stage.work()
    assert stage.show(task).status == "completed"


@pytest.mark.parametrize(
    ("table", "column"),
    [("agent_parts", "content"), ("agent_tasks", "request"), ("agent_tasks", "outcome")],
)
def test_what_cannot_be_read_fails_at_once(stage: Stage, table: str, column: str) -> None:
    task = stage.begin(REMINDER)
    (approval,) = stage.do(stage.world.pending())
    stage.execute(f"UPDATE {table} SET {column} = 'broken' WHERE user_id = %s")
    stage.do(stage.world.approve(approval, dies=False))
    stage.work()
    assert stage.show(task).status == "failed"
    events = stage.do(stage.world.agents.watchers.log.after(stage.world.user, task, 0, 100))
    assert events[-1].kind == "task_failed"
    assert b"What is stored of it cannot be read" in bytes(events[-1].data)


def test_a_task_that_cannot_even_end_keeps_no_process_busy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = 0

    async def end(*_: Any) -> None:
        nonlocal ends
        ends += 1
        raise ValueError

    monkeypatch.setattr(TaskWorker, "end", end)
    conductor = stage.world.agents.conductor

    async def course() -> None:
        for _ in range(10):
            await conductor.claim()
            await asyncio.sleep(0.05)
        for task in conductor.running.values():
            task.cancel()

    # This world has no memories at all.
    stage.do(stage.world.create("search my notes for the plumber", require_approval=False))
    stage.do(course())
    assert ends == 1


def test_withdrawing_and_deciding_wait_for_each_other_in_one_order(stage: Stage) -> None:
    """Whoever decides locks the approval, then the audit log; many are withdrawn in that order."""
    stage.begin(f"{REMINDER}, and {REMINDER.replace('9', '10')}")
    world = stage.world
    first, second = stage.do(world.pending())

    async def course() -> None:
        async with world.database.transaction(world.user) as deciding:
            assert await store.approve(deciding, world.user, second, "", _LEASE)

            async def withdraw() -> None:
                async with world.database.transaction(world.user) as connection:
                    await world.approvals.withdraw(connection, world.identity, [first, second])

            withdrawing = asyncio.create_task(withdraw())
            await asyncio.sleep(0.3)  # by now it has the first one, and waits for the second
            assert not withdrawing.done()
            await deciding.execute("SET LOCAL lock_timeout = '2s'")
            await deciding.execute(
                "SELECT 1 FROM audit_heads WHERE user_id = %s FOR UPDATE", (world.user,)
            )
        await withdrawing

    stage.do(course())
