"""The to-dos of a user: the tasks of their calendar, and what is on the list of that name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, Lists, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Days
from pisovereign.actions.intent import Intent, ModelTool
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.calendar.task_types import Task
from pisovereign.languages.messages import Clock, Messages
from pisovereign.lists.names import is_todo
from pisovereign.reading.moments import whole_days
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.expressions import Day, Period


class ListTasks(Command, frozen=True, kw_only=True, omit_defaults=True):
    """The open tasks; with `days`, those that are due within as many days, today included.

    With `done` also those that are completed.
    """

    days: Days | None = None
    done: bool = False


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks, what is due first before the rest; `until` is the end of the days that were named.

    `items` is what is open on the list of to-dos, if there is some; nothing of it is due on a day.
    """

    tasks: list[Task]
    until: dt.datetime | None = None
    items: list[str] | UnsetType = UNSET


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    named = any(isinstance(e, Day | Period) for e in request.expressions)
    found = whole_days(request) if named else None
    if found is None:
        return PartialCommand(ListTasks, {})
    first, days = found
    today = request.at.local.date()
    ahead = 0 if first is None else (first.astimezone(request.at.zone).date() - today).days
    return PartialCommand(ListTasks, {"days": ahead + days})


class ListTasksAction(DirectAction[ListTasks, Tasks]):
    """Reads tasks."""

    spec = ActionSpec(
        name="tasks",
        module="list_tasks",
        type=ListTasks,
        result=Tasks,
        sources=("calendar",),
        needs="calendar",
        intents=(Intent("tasks", _read),),
        model=ModelTool("List the user's to-dos.", {"days": "Only those due within so many days"}),
    )

    async def run(self, caller: Caller, command: ListTasks) -> Tasks:
        """Return the open tasks.

        Raises:
            NotConfigured: No calendar is set up.
            UpstreamError: The tasks cannot be read.
        """
        found = await read_tasks(
            self._backends, caller, command.days, SOURCE_LIMIT_S, done=command.done
        )
        if command.days is not None:
            return found
        items = await open_items(self._backends.lists, caller.identity.user_id)
        return msgspec.structs.replace(found, items=items) if items else found

    def describe(self, result: Tasks, messages: Messages, clock: Clock) -> str:
        """Return tasks, one a line."""
        lines = [task_line(task, messages, clock) for task in result.tasks]
        lines += [quote(item) for item in result.items or ()]
        if not lines:
            return messages.say("tasks.none_due" if result.until else "tasks.none")
        return messages.say("tasks", list=bullets(lines, messages))


async def open_items(lists: Lists, user: UUID) -> list[str]:
    """Return what is not done on the list of to-dos, which not everybody has."""
    items: list[str] = []
    for summary in await lists.lists(user):
        if is_todo(summary.name) and summary.open:
            found = await lists.get(user, summary.id)
            items += [item.text for item in found.items if not item.done]
    return items


async def read_tasks(
    backends: Backends,
    caller: Caller,
    days: int | None,
    limit_s: float,
    *,
    done: bool = False,
    first: dt.date | None = None,
) -> Tasks:
    """Return the tasks that are due within so many days from `first`, or today, on.

    Without a number of days: all of them.
    """
    asked = backends.tasks.tasks(caller.identity.user_id, done=done)
    found = await within(limit_s, asked, "The calendar server")
    if days is None:
        return Tasks(tasks=found)
    zone = backends.zones(caller.identity.user_id)
    first = first or dt.datetime.now(zone).date()
    end = dt.datetime.combine(first + dt.timedelta(days), dt.time(), zone)
    return Tasks(tasks=due_before(found, end), until=end.astimezone(dt.UTC))


def due_before(tasks: Sequence[Task], end: dt.datetime) -> list[Task]:
    """Return the tasks that are due before a moment, also what is overdue."""
    return [task for task in tasks if task.due is not None and task.due < end]


def task_line(task: Task, messages: Messages, clock: Clock) -> str:
    """Return `Tax return (due tomorrow)`."""
    if task.due is None:
        return quote(task.title)
    due = messages.day(task.due, clock) if task.whole_day else messages.moment(task.due, clock)
    key = "tasks.due" if task.due > clock.now or task.whole_day else "tasks.overdue"
    return messages.say(key, task=quote(task.title), due=due)
