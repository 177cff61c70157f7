"""Adding a task to those that a user keeps on the server of their calendar."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid4

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.complete_task import CompleteTask
from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.intent import Intent, ModelTool
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.task_types import NewTask, Task
from pisovereign.errors import NotConfigured
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.resolution import event_time
from pisovereign.text.untrusted import one_line

# Beyond the calendar's own limit, so that the calendar can say what happened.
_MARGIN_S = 10.0
# What is said of a task without a day, and of one that is due.
_ASKED, _ADDED = ("add_task", "add_task.due"), ("add_task.added", "add_task.added_due")


class AddTask(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Add a task; with `whole_day` it is due some time on the day of `due`. A side effect."""

    title: Title
    due: Moment | None = None
    whole_day: bool = False


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    due: dt.datetime | None = None
    whole_day = False
    if request.expressions:
        when = event_time(request.expressions, request.at, request.hint)
        if when is None:
            # Times that say nothing of use are a part of what is to be done.
            return PartialCommand(AddTask, {"title": None}, ("title",))
        due, whole_day = when.start, not when.has_time
    arguments = {"title": wording.text("title"), "due": due, "whole_day": whole_day}
    return PartialCommand(AddTask, arguments, ("title",))


class AddTaskAction(DirectAction[AddTask, Task], ApprovedAction[AddTask]):
    """Adds tasks: to those on a server once they were approved, in the program at once."""

    spec = ActionSpec(
        name="add_task",
        type=AddTask,
        result=Task,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        echoes=True,
        intents=(Intent("task_add", _read),),
        model=ModelTool(
            "Ask to add a to-do. The user has to approve it.",
            {
                "title": "What is to be done",
                "due": "Local date and time, such as 2026-11-28T17:00, only if the user says when",
            },
            timed=frozenset(("due",)),
        ),
    )
    kind = "add_task"

    @property
    def limit_s(self) -> float:
        """The calendar's own limit, and some time beside it."""
        return self._backends.calendar_limit_s + _MARGIN_S

    def check(self, user: UUID, command: AddTask) -> None:
        """Require a calendar.

        Raises:
            NotConfigured: None is set up.
        """
        if not self._backends.has(user, "calendar"):
            raise NotConfigured("The calendar", "caldav.url")

    def is_done_at_once(self, user: UUID, command: AddTask) -> bool:
        """Return whether the program keeps the calendar itself."""
        return self._backends.keeps_calendar(user)

    async def ask(self, caller: Caller, command: AddTask) -> NewApproval | None:
        """Return the task, with a title that holds all of it."""
        clock = self._backends.clock(caller.identity.user_id)
        title = _title(command, messages_in(caller.language), clock, _ASKED)
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: AddTask) -> Task:
        """Add the task; a request that is repeated does nothing more."""
        uid = str(caller.approval or uuid4())
        return await self._add(caller.identity.user_id, command, uid)

    def describe(self, result: Task, messages: Messages, clock: Clock) -> str:
        """Return what was added."""
        return _title(result, messages, clock, _ADDED)

    def inverse(self, result: Task) -> CompleteTask | None:
        """Return what takes it off again."""
        return None if result.id is None else CompleteTask(task_id=result.id)

    async def carry_out(self, approved: Approved) -> Task:
        """Add exactly the approved task; its id makes a repetition harmless."""
        task = msgspec.json.decode(approved.payload, type=AddTask)
        return await self._add(approved.user, task, str(approved.id))

    async def _add(self, user: UUID, task: AddTask, uid: str) -> Task:
        new = NewTask(title=task.title, due=task.due, whole_day=task.whole_day)
        return await self._backends.tasks.add_task(user, new, uid)


def _title(task: AddTask | Task, messages: Messages, clock: Clock, keys: tuple[str, str]) -> str:
    title = one_line(task.title)
    if task.due is None:
        return messages.say(keys[0], title=title)
    due = messages.full_date(clock.date(task.due))
    if not task.whole_day:
        due = f"{due}, {messages.time(task.due, clock)}"
    return messages.say(keys[1], title=title, due=due)
