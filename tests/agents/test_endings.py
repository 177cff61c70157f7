"""How tasks end when that meets a decision, or something that cannot be read."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from pisovereign.agents import dispatcher as dispatcher_module
from pisovereign.agents.task_worker import TaskWorker
from pisovereign.agents.types import Task
from pisovereign.approvals import store
from pisovereign.approvals.execution import QUEUE
from pisovereign.jobs.queue import JobQueue
from pisovereign.storage.pool import Connection
from tests.agents.machine import World, opened, run
from tests.memory.test_at_rest import superuser
from tests.support.patience import PATIENCE_S
from tests.support.server import Server

REMINDER = "remind me tomorrow at 9 to pack"


class Stage:
    """A world in which one thing happens after the other."""

    def __init__(self, server: Server, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
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
        """Change what nobody else has the right to change."""
        with superuser(self.server) as connection:
            connection.execute("SET session_replication_role = replica")
            assert connection.execute(statement.encode(), (self.world.user,)).rowcount


@pytest.fixture
def stage(server: Server) -> Iterator[Stage]:
    with opened(server) as (loop, database, key):
        yield Stage(server, World(database, key), loop)


def test_what_was_carried_out_is_told_although_the_task_is_cancelled(stage: Stage) -> None:
    task = stage.begin(f"{REMINDER}, and {REMINDER.replace('9', '10')}")
    first = stage.show(task).sub_agents[0].approval_id  # both may ask in either order
    assert isinstance(first, uuid.UUID)
    stage.do(stage.world.approve(first, dies=False))
    stage.cancel(task)
    done, cancelled = stage.show(task).sub_agents
    assert (done.status, cancelled.status) == ("completed", "cancelled")
    assert str(done.result).startswith("Done: Create a reminder")
    events, _ = stage.do(stage.world.events.after(stage.world.user, 0, 100, stream=task))
    assert [event.kind for event in events[-2:]] == ["sub_agent_completed", "task_cancelled"]


def test_a_plan_that_was_approved_is_carried_out_although_the_process_died(stage: Stage) -> None:
    task = stage.begin("check the weather", require_approval=True)
    (approval,) = stage.do(stage.world.pending())

    async def die() -> None:
        async with stage.world.database.transaction(stage.world.user) as connection:
            assert await store.approve(connection, stage.world.user, approval, "machine")
            await JobQueue(QUEUE).begin(connection, stage.world.user, approval, 0.0)

    stage.do(die())
    stage.work()
    assert stage.show(task).status == "completed"


def test_what_expired_a_moment_ago_was_not_carried_out(stage: Stage) -> None:
    task = stage.begin(REMINDER)
    stage.execute("UPDATE approvals SET expires_at = now() WHERE user_id = %s")
    stage.cancel(task)
    (part,) = stage.show(task).sub_agents
    assert (part.status, part.reason) == ("failed", "Nobody decided in time")


def test_an_event_that_cannot_be_read_hides_no_other(stage: Stage) -> None:
    task = stage.begin("check the weather")
    stage.execute(
        "UPDATE events SET data = 'x' WHERE stream <> user_id AND id = 2 AND user_id = %s"
    )

    async def told() -> list[bytes]:
        streams = stage.world.agents.streams
        stream = await streams.watch(stage.world.user, 0, stream=task)
        return [part async for part in stream]

    events = stage.do(told())
    assert b"event: missed\n" in events[2]
    assert b'{"first":2,"last":2}' in events[2]
    assert b"event: task_completed\n" in events[-1]


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
    events, _ = stage.do(stage.world.events.after(stage.world.user, 0, 100, stream=task))
    assert events[-1].kind == "task_failed"
    assert b"What is stored of it cannot be read" in bytes(events[-1].data)


def test_a_task_that_cannot_even_end_keeps_no_process_busy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = 0
    ended = asyncio.Event()

    async def end(*_: Any) -> None:
        nonlocal ends
        ends += 1
        ended.set()
        raise ValueError

    monkeypatch.setattr(TaskWorker, "end", end)
    monkeypatch.setattr(dispatcher_module, "_RETRY_S", 1e6)
    dispatcher = stage.world.agents.dispatcher

    async def course() -> None:
        await dispatcher.claim()
        await ended.wait()
        for _ in range(10):
            await dispatcher.claim()
            await asyncio.sleep(0.05)
        await dispatcher.stop()

    # This world has no memories at all.
    stage.do(stage.world.create("search my notes for the plumber", require_approval=False))
    stage.do(course())
    assert ends == 1


async def waits_for_lock(connection: Connection) -> None:
    """Wait until somebody waits for a row that the transaction has locked."""
    waiting = "SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    async with asyncio.timeout(PATIENCE_S):
        while await (await connection.execute(waiting)).fetchone() is None:
            await connection.execute("SELECT pg_sleep(0.01)")


def test_withdrawing_and_deciding_wait_for_each_other_in_one_order(stage: Stage) -> None:
    """Whoever decides locks the approval, then the audit log; many are withdrawn in that order."""
    stage.begin(f"{REMINDER}, and {REMINDER.replace('9', '10')}")
    world = stage.world
    first, second = stage.do(world.pending())

    async def course() -> None:
        async with world.database.transaction(world.user) as deciding:
            assert await store.approve(deciding, world.user, second, "")

            async def withdraw() -> None:
                async with world.database.transaction(world.user) as connection:
                    await world.approvals.withdraw(connection, world.identity, [first, second])

            withdrawing = asyncio.create_task(withdraw())
            await waits_for_lock(deciding)  # it has the first one, and waits for the second
            assert not withdrawing.done()
            await deciding.execute("SET LOCAL lock_timeout = '2s'")
            await deciding.execute(
                "SELECT 1 FROM audit_heads WHERE user_id = %s FOR UPDATE", (world.user,)
            )
        await withdrawing

    stage.do(course())
