"""Reminding of something at a time."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.cancel_reminders import CancelReminders
from pisovereign.actions.fields import Moment, Title
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import NewReminder, Reminder, Repeat
from pisovereign.untrusted_text import one_line
from pisovereign.validation import validate


class CreateReminder(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Remind of `title` at `remind_at`; with `repeat` again and again."""

    title: Title
    remind_at: Moment
    repeat: Repeat | None = None


class CreateReminderAction(DirectAction[CreateReminder, Reminder], ApprovedAction[CreateReminder]):
    """Creates reminders: at once for a person, who can take them back, else after an approval."""

    spec = ActionSpec(
        name="create_reminder",
        type=CreateReminder,
        result=Reminder,
        sources=("reminders",),
        side_effects=True,
    )
    kind = "create_reminder"
    limit_s = 30.0

    async def prepare(self, caller: Caller, command: CreateReminder) -> NewApproval | None:
        """Return what has to be approved, which is nothing for a person.

        Raises:
            ValidationFailed: Its time has passed.
        """
        if not caller.asks_only:
            return None
        _checked(command)
        when = f"{command.remind_at.astimezone(self._backends.zone):%Y-%m-%d %H:%M}"
        title = messages_in(caller.language).say(
            "create_reminder.approval", when=when, title=one_line(command.title)
        )
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: CreateReminder) -> Reminder:
        """Create a reminder, one for each request.

        Raises:
            ValidationFailed: Its time has passed.
        """
        user, reminders = caller.identity.user_id, self._backends.reminders
        # By now its time may be past.
        if caller.reminder and (made := await reminders.find(user, caller.reminder)):
            return made
        return await reminders.create(user, _checked(command), caller.reminder)

    def describe(self, result: Reminder, messages: Messages, clock: Clock) -> str:
        """Return that a reminder was created."""
        when = messages.moment(result.remind_at, clock)
        return messages.say("create_reminder", when=when, title=quote(result.title))

    def inverse(self, result: Reminder) -> CancelReminders:
        """Return that this reminder is to be canceled."""
        return CancelReminders(reminder_id=result.id)

    async def carry_out(self, approved: Approved) -> Reminder:
        """Create the reminder that was approved."""
        command = msgspec.json.decode(approved.payload, type=CreateReminder)
        return await self._backends.reminders.create(approved.user, _checked(command))


def _checked(command: CreateReminder) -> NewReminder:
    return validate({"title": command.title, "remind_at": command.remind_at}, NewReminder)
