"""Adding a task to those that a user keeps on the server of their calendar."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.messages import messages_in
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import NotConfigured
from pisovereign.integrations.calendar.task_types import NewTask, Task
from pisovereign.untrusted_text import one_line

# Beyond the calendar's own limit, so that the calendar can say what happened.
_MARGIN_S = 10.0


class AddTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Add a task; with `whole_day` it is due some time on the day of `due`. A side effect."""

    title: Title
    due: Moment | None = None
    whole_day: bool = False


class AddTaskAction(ApprovedAction[AddTask]):
    """Adds tasks once they were approved."""

    spec = ActionSpec(
        name="add_task",
        type=AddTask,
        result=None,
        sources=("calendar",),
        needs="calendar",
        side_effects=True,
        approval="always",
    )
    kind = "add_task"

    @property
    def limit_s(self) -> float:
        """The calendar's own limit, and some time beside it."""
        return self._backends.calendar_limit_s + _MARGIN_S

    async def prepare(self, caller: Caller, command: AddTask) -> NewApproval:
        """Return the task, with a title that holds all of it.

        Raises:
            NotConfigured: No calendar is set up.
        """
        if not self._backends.has(caller.identity.user_id, "calendar"):
            raise NotConfigured("The calendar", "caldav.url")
        messages = messages_in(caller.language)
        clock = self._backends.clock(caller.identity.user_id)
        title = one_line(command.title)
        if command.due is None:
            return NewApproval(self.kind, messages.say("add_task", title=title), command)
        due = messages.full_date(clock.date(command.due))
        if not command.whole_day:
            due = f"{due}, {messages.time(command.due, clock)}"
        return NewApproval(self.kind, messages.say("add_task.due", title=title, due=due), command)

    async def carry_out(self, approved: Approved) -> Task:
        """Add exactly the approved task; its id makes a repetition harmless."""
        task = msgspec.json.decode(approved.payload, type=AddTask)
        new = NewTask(title=task.title, due=task.due, whole_day=task.whole_day)
        return await self._backends.tasks.add_task(approved.user, new, str(approved.id))
