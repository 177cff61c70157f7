"""Completing a task that is named in words."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S
from pisovereign.actions.caller import Caller
from pisovereign.actions.change_task import ChangedTask, ChangeTask, ChangeTaskAction, TaskPatch
from pisovereign.actions.command import Command
from pisovereign.actions.fields import EventId, Label
from pisovereign.actions.intent import ChosenBy, Intent, ModelTool
from pisovereign.actions.list_tasks import read_tasks, task_line
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.word_matching import matching
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.task_types import Task
from pisovereign.languages.messages import Clock, Messages
from pisovereign.own_calendar.names import own_id
from pisovereign.reading.partial_commands import PartialCommand, Wording

_MOST_CHOICES = 20


class CompleteTask(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Mark the open task of words, or of an id, as done; a side effect."""

    about: Label | None = None
    task_id: EventId | None = None


class TaskSelection(Outcome, frozen=True, kw_only=True):
    """The tasks that may be meant, or the one that is done now.

    `recurring` is true where what the words fit recurs, which is changed in a program for tasks.
    """

    recurring: bool = False
    task: Task | None = None


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(CompleteTask, {"about": wording.text("about")}, ("about",))


class CompleteTaskAction(DirectAction[CompleteTask, TaskSelection], ApprovedAction[CompleteTask]):
    """Completes the one task that words fit; if it is not one, asks which.

    On a server that waits for an approval.
    """

    spec = ActionSpec(
        name="complete_task",
        type=CompleteTask,
        result=TaskSelection,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="depends",
        intents=(Intent("task_done", _read),),
        chosen_by=ChosenBy("task_id"),
        model=ModelTool(
            "Ask to mark a to-do as done. The user has to approve it.",
            {"about": "Words of its title"},
            finds=True,
        ),
    )
    kind = "complete_task"
    limit_s = ChangeTaskAction.limit_s

    async def ask(self, caller: Caller, command: CompleteTask) -> NewApproval | None:
        """Return the change of the task; None: it is made at once, or not clear which is meant.

        Raises:
            NotConfigured: No calendar is set up.
            NotFound: There is no task of this id.
            UpstreamError: The tasks cannot be read.
        """
        identifier = command.task_id
        if identifier is None:
            fitting = [task for task in await self._find(caller, command) if task.id]
            if len(fitting) != 1:
                return None
            identifier = fitting[0].id
        assert identifier is not None
        new = await self._change.prepare(caller, _completed(identifier))
        return None if new is None else NewApproval(self.kind, new.title, new.payload)

    async def run(self, caller: Caller, command: CompleteTask) -> TaskSelection:
        """Complete the one that is kept here, or return those that may be meant or there are."""
        messages = messages_in(caller.language)
        clock = self._backends.clock(caller.identity.user_id)
        if command.task_id is not None:
            changed = await self._change.run(caller, _completed(command.task_id))
            return TaskSelection(task=changed.task)
        found = await self._find(caller, command)
        fitting = [task for task in found if task.id]
        if len(fitting) == 1 and not caller.asks_only and own_id(fitting[0].id or ""):
            changed = await self._change.run(caller, _completed(fitting[0].id or ""))
            return TaskSelection(task=changed.task)
        if fitting:
            choices = _choices(fitting, messages, clock)
            return TaskSelection(status="needs_choice", choices=choices)
        there = [task for task in await self._find(caller, CompleteTask()) if task.id]
        return TaskSelection(
            status="not_found", choices=_choices(there, messages, clock), recurring=bool(found)
        )

    def describe(self, result: TaskSelection, messages: Messages, clock: Clock) -> str:
        """Return what is done now, or what there is to choose from."""
        if result.task is not None:
            return messages.say("change_task.completed", task=quote(result.task.title))
        if result.recurring:
            return messages.say("tasks_named.recurring")
        return describe_choices("tasks_named", result, messages)

    async def carry_out(self, approved: Approved) -> ChangedTask:
        """Make exactly the change that was shown."""
        return await self._change.carry_out(approved)

    @property
    def _change(self) -> ChangeTaskAction:
        return ChangeTaskAction(self._backends)

    async def _find(self, caller: Caller, command: CompleteTask) -> list[Task]:
        """Return the open tasks that the words fit; without words, all of them."""
        tasks = (await read_tasks(self._backends, caller, None, SOURCE_LIMIT_S)).tasks
        if command.about is None:
            return tasks
        return matching(command.about, tasks, lambda task: task.title)


def _completed(task_id: str) -> ChangeTask:
    return ChangeTask(task_id=task_id, patch=TaskPatch(done=True))


def _choices(tasks: Sequence[Task], messages: Messages, clock: Clock) -> list[Choice]:
    return [
        Choice(id=task.id or "", title=task_line(task, messages, clock))
        for task in tasks[:_MOST_CHOICES]
    ]
