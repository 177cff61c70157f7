"""The transitions of a task: each is one transaction that changes it and tells of the change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.actions.service import ActionService
from pisovereign.agents.decisions import outcome_of
from pisovereign.agents.messages import say
from pisovereign.agents.store import TaskStore
from pisovereign.agents.types import (
    Draft,
    EventKind,
    Part,
    PartOutcome,
    PartStatus,
    TaskFinished,
    TaskOutcome,
    TaskStatus,
    part_name,
)
from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import NewApproval
from pisovereign.events.log import EventLog
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.languages import Language
from pisovereign.notifications.service import Notification, NotificationService
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection, Database


class Ending(NamedTuple):
    """How a task ends; in which language it tells of its sub-tasks."""

    status: TaskStatus
    outcome: TaskOutcome
    language: Language


WaysOf = Callable[[Connection, UUID, str], Awaitable[Sequence[Way]]]


class Transitions:
    """Writes the course of tasks; each method raises `Superseded` if the task is not held.

    Args:
        database: Where tasks are.
        store: Their SQL.
        queue: Where each task that is not over has a job.
        events: Where each task has a stream.
        approvals: Where parts ask for what they would change, in the step that says so.
        actions: Put what came of that into words.
        notifications: Tells the owners of schedules what came of their tasks.
        ways: Tells how, by the schedule's name.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: TaskStore,
        queue: JobQueue,
        events: EventLog,
        approvals: ApprovalService,
        actions: ActionService,
        notifications: NotificationService,
        ways: WaysOf,
    ) -> None:
        self._database = database
        self._store = store
        self._queue = queue
        self._events = events
        self._approvals = approvals
        self._actions = actions
        self._notifications = notifications
        self._ways = ways

    async def parts(self, job: ClaimedJob) -> list[Part]:
        """Return the task's parts as they are now."""
        async with self._database.transaction(job.user) as connection:
            rows = await self._store.parts(connection, job.user, [job.id])
        return [self._store.open_part(job.user, row) for row in rows[job.id]]

    async def planned(self, job: ClaimedJob, summary: str, drafts: Sequence[Draft]) -> None:
        """Store the plan."""
        async with self._step(job) as connection:
            await self._store.set_plan(connection, job.user, job.id, summary, list(drafts))
            data = plan_data(job.id, drafts)
            await self._tell(connection, job.user, job.id, "plan_created", data)

    async def goes_on(self, job: ClaimedJob, status: TaskStatus) -> None:
        """Note that the task works, or waits."""
        async with self._step(job) as connection:
            await self._store.set_status(connection, job.user, job.id, status)

    async def asks_for_plan(self, job: ClaimedJob, identity: Identity, asking: NewApproval) -> None:
        """Ask for an approval of the plan, once."""
        approval = plan_approval(job.id)
        async with self._step(job) as connection:
            await self._ask(connection, identity, job.id, approval, asking, task_id=job.id)
            await self._store.set_status(connection, job.user, job.id, "awaiting_approval")

    async def started(self, job: ClaimedJob, part: Part, expected_s: float | None = None) -> None:
        """Note that a part begins, and how long it is expected to take."""
        async with self._step(job) as connection:
            await self._store.set_part(connection, job.user, job.id, part.number, "running")
            data: dict[str, Any] = {"sub_agent_id": part.name}
            data |= {"description": part.draft.description, "expected_s": expected_s}
            await self._tell(connection, job.user, job.id, "sub_agent_started", data)

    async def asks(
        self, job: ClaimedJob, identity: Identity, part: Part, asking: NewApproval
    ) -> None:
        """Ask for an approval of what a part changes, once."""
        # The same id however often it is begun anew.
        approval = uuid5(job.id, part.name)
        async with self._step(job) as connection:
            await self._ask(connection, identity, job.id, approval, asking, sub_agent_id=part.name)
            await self._store.set_part(
                connection, job.user, job.id, part.number, "awaiting_approval", approval=approval
            )

    async def _ask(
        self,
        connection: Connection,
        identity: Identity,
        task: UUID,
        approval: UUID,
        asking: NewApproval,
        **about: Any,
    ) -> None:
        await self._approvals.ask(connection, identity, approval, asking)
        asked = {"approval_id": approval, "title": asking.title, "details": asking.payload}
        await self._tell(connection, identity.user_id, task, "approval_required", about | asked)

    async def ended(self, job: ClaimedJob, part: Part, outcome: PartOutcome) -> None:
        """Note what came of a part; said again, it changes nothing."""
        async with self._step(job) as connection:
            await self._end_part(connection, job.user, job.id, part.number, outcome)

    async def check(self, job: ClaimedJob) -> None:
        """Make sure that the task is held at this moment."""
        async with self._database.transaction(job.user) as connection:
            await job.check(connection)

    async def finished(self, job: ClaimedJob, identity: Identity, ending: Ending) -> None:
        """End the task; what is not done of it is cancelled, and asked for no longer."""
        async with self._step(job) as connection:
            await self.end(connection, job.id, identity, ending)

    async def end(self, connection: Connection, task: UUID, by: Identity, ending: Ending) -> None:
        """Bring a task that is locked, and not over, to its end."""
        user, status, outcome = by.user_id, ending.status, ending.outcome
        await self._end_waiting(connection, task, by, ending.language)
        await self._store.cancel_parts(connection, user, task)
        kind, data = _last_event(task, status, outcome)
        await self._tell(connection, user, task, kind, data)
        schedule = await self._store.finish(connection, user, task, status, outcome)
        await self._queue.end(connection, user, task)
        if schedule is None or status == "cancelled":  # who cancelled it knows
            return
        finished = TaskFinished(
            task_id=task,
            scheduled_by=schedule,
            status=status,
            result=outcome.result,
            reason=outcome.reason,
        )
        told = Notification(
            ways=await self._ways(connection, user, schedule),
            about="task",
            subject=task,
            text=finished.result or finished.reason or "",
            event="task_finished",
            data=finished,
        )
        await self._notifications.notify(connection, user, told)

    async def _end_waiting(
        self, connection: Connection, task: UUID, by: Identity, language: Language
    ) -> None:
        """End what waits for decisions: of those that were made, it is told what came of them."""
        user = by.user_id
        rows = (await self._store.parts(connection, user, [task]))[task]
        waiting = {
            row.approval_id: row.number
            for row in rows
            if row.status == "awaiting_approval" and row.approval_id is not None
        }
        asked = [*waiting, plan_approval(task)]
        cancelled = await self._approvals.withdraw(connection, by, asked)
        for approval in waiting.keys() - cancelled:
            seen = await self._approvals.see(connection, user, approval)
            outcome = outcome_of(seen, self._actions, user, language)
            if outcome is not None:
                await self._end_part(connection, user, task, waiting[approval], outcome)
                continue
            under_way = PartOutcome(reason=say("under_way", language))
            await self._store.set_part(
                connection, user, task, waiting[approval], "cancelled", outcome=under_way
            )

    async def _end_part(
        self, connection: Connection, user: UUID, task: UUID, number: int, outcome: PartOutcome
    ) -> None:
        status: PartStatus = "failed" if outcome.result is None else "completed"
        if not await self._store.set_part(connection, user, task, number, status, outcome=outcome):
            return  # that is written already
        data: dict[str, Any] = {"sub_agent_id": part_name(number)}
        if outcome.result is None:
            data["reason"] = outcome.reason
            await self._tell(connection, user, task, "sub_agent_failed", data)
        else:
            data["result"] = outcome.result
            await self._tell(connection, user, task, "sub_agent_completed", data)

    @asynccontextmanager
    async def _step(self, job: ClaimedJob) -> AsyncIterator[Connection]:
        async with self._database.transaction(job.user) as connection:
            await job.lock(connection)
            yield connection

    async def _tell(
        self, connection: Connection, user: UUID, task: UUID, kind: EventKind, data: dict[str, Any]
    ) -> None:
        await self._events.append(connection, user, kind, task, data, stream=task)


def plan_approval(task: UUID) -> UUID:
    """Return the id under which a task's plan is asked for."""
    return uuid5(task, "plan")


def plan_data(task: UUID, drafts: Sequence[Draft]) -> dict[str, Any]:
    """Return a plan as events and approvals show it."""
    return {"task_id": task, "sub_tasks": [
        {
            "id": part_name(number),
            "description": draft.description,
            "tool": draft.tool,
            "arguments": msgspec.to_builtins(draft.arguments),
            "depends_on": [part_name(other) for other in draft.depends_on],
        }
        for number, draft in enumerate(drafts, 1)
    ]}  # fmt: skip


def _last_event(
    task: UUID, status: TaskStatus, outcome: TaskOutcome
) -> tuple[EventKind, dict[str, Any]]:
    """Return the event that ends a task's stream."""
    if status == "completed":
        return "task_completed", {"task_id": task, "result": outcome.result}
    if status == "failed":
        return "task_failed", {"task_id": task, "reason": outcome.reason}
    why = {} if outcome.reason is None else {"reason": outcome.reason}
    return "task_cancelled", {"task_id": task, **why}
