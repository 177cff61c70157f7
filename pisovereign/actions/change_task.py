"""Changing a task by its id: on a server it is shown first, and waits for an approval."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID, uuid4

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import EventId, Moment, Title
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.task_types import Task, TaskChange, TaskEdit
from pisovereign.errors import ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.own_calendar.names import own_id
from pisovereign.text.untrusted import one_line

# Above the longest `caldav.timeout_s`: the calendar keeps to its own limit.
_LIMIT_S = 150.0


class TaskPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/tasks/{id}`: what is to be different."""

    title: Title | None = None
    due: Moment | None = None
    whole_day: bool = False
    done: bool | None = None


class ChangeTask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Change the task with this id."""

    task_id: EventId
    patch: TaskPatch


class ChangedTask(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a change: the task as it is now."""

    list: str
    task: Task


class PendingTask(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: it waits for an approval."""

    approval_id: UUID
    expires_at: dt.datetime
    before: Task
    after: Task
    status: Literal["pending_approval"] = "pending_approval"


class ChangeTaskAction(DirectAction[ChangeTask, ChangedTask], ApprovedAction[ChangeTask]):
    """Changes tasks; the payload of an approval is a `TaskChange`."""

    spec = ActionSpec(
        name="change_task",
        type=ChangeTask,
        result=ChangedTask,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        clients=frozenset(),
    )
    kind = "change_task"
    limit_s = _LIMIT_S

    def check(self, user: UUID, command: ChangeTask) -> None:
        """Refuse to change nothing.

        Raises:
            ValidationFailed: Nothing is to be different.
        """
        patch = command.patch
        if patch.title is None and patch.due is None and patch.done is None:
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])

    def is_done_at_once(self, user: UUID, command: ChangeTask) -> bool:
        """Return whether the task is kept in the program."""
        return own_id(command.task_id) is not None

    async def ask(self, caller: Caller, command: ChangeTask) -> NewApproval | None:
        """Return the change, with what the task is now and would be.

        Raises:
            NotConfigured: No calendar is set up.
            NotFound: There is no such task.
            ValidationFailed: The task cannot be changed so.
            UpstreamError: It cannot be read.
        """
        change = await self._prepared(caller, command)
        title = _title(
            change, messages_in(caller.language), self._backends.clock(caller.identity.user_id)
        )
        return NewApproval(self.kind, title, change)

    async def run(self, caller: Caller, command: ChangeTask) -> ChangedTask:
        """Make the change at once, as it may be for a task that is kept in the program."""
        change = await self._prepared(caller, command)
        name = await self._backends.tasks.change_task(caller.identity.user_id, change)
        return ChangedTask(list=name, task=change.after)

    def describe(self, result: ChangedTask, messages: Messages, clock: Clock) -> str:
        """Return what the task is now."""
        key = "change_task.completed" if result.task.done else "change_task.changed"
        return messages.say(key, task=_in_words(result.task, messages, clock))

    async def _prepared(self, caller: Caller, command: ChangeTask) -> TaskChange:
        patch = command.patch
        edit = TaskEdit(
            mark=str(uuid4()),
            at=dt.datetime.now(dt.UTC).replace(microsecond=0),
            title=patch.title,
            due=patch.due,
            whole_day=patch.whole_day,
            done=patch.done,
        )
        user = caller.identity.user_id
        return await self._backends.tasks.prepare_task(user, command.task_id, edit)

    async def carry_out(self, approved: Approved) -> ChangedTask:
        """Make exactly the change that was shown; one that is made already stays made."""
        change = msgspec.json.decode(approved.payload, type=TaskChange)
        name = await self._backends.tasks.change_task(approved.user, change)
        return ChangedTask(list=name, task=change.after)


def _title(change: TaskChange, messages: Messages, clock: Clock) -> str:
    """Return all that is different after a change, in one line."""
    names = {"list": one_line(change.list), "before": _in_words(change.before, messages, clock)}
    same = msgspec.structs.replace(change.before, done=change.after.done) == change.after
    if same:
        key = "change_task.done" if change.after.done else "change_task.reopened"
        return messages.say(key, **names)
    after = _in_words(change.after, messages, clock)
    return messages.say("change_task.change", after=after, **names)


def _in_words(task: Task, messages: Messages, clock: Clock) -> str:
    parts = [one_line(task.title)]
    if task.due is not None:
        day = messages.full_date(clock.date(task.due))
        parts.append(day if task.whole_day else f"{day}, {messages.time(task.due, clock)}")
    if task.done:
        parts.append(messages.say("change_task.is_done"))
    return f"{parts[0]} ({'; '.join(parts[1:])})" if len(parts) > 1 else parts[0]
