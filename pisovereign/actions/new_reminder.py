"""The common part of creating reminders, alarms and timers."""

from __future__ import annotations

import abc
import datetime as dt
from typing import Any, ClassVar, TypeVar

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.cancel_reminders import CancelReminders
from pisovereign.actions.messages import messages_in
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import NewReminder, Reminder
from pisovereign.text.untrusted import one_line
from pisovereign.validation import check

# Hours that a clock shows twice a day, and that people mean in either half.
_NIGHT, _AFTERNOON = range(1, 6), range(13, 18)
C = TypeVar("C", bound=msgspec.Struct)


class NewReminderAction(DirectAction[C, Reminder], ApprovedAction[C]):
    """Creates reminders of a kind: at once for a person, who can undo it, else after an approval.

    Attributes:
        time_field: What the command calls the time.
    """

    time_field: ClassVar[str] = "remind_at"
    at_once = True
    limit_s = 30.0

    @abc.abstractmethod
    def named(self, command: C, messages: Messages) -> C:
        """Return the command with a title in the caller's language, if it has none."""

    @abc.abstractmethod
    def fields(self, command: C, now: dt.datetime) -> dict[str, Any]:
        """Return the fields of the reminder that a named command creates."""

    async def ask(self, caller: Caller, command: C) -> NewApproval | None:
        """Return what has to be approved.

        Raises:
            ValidationFailed: Its time has passed.
        """
        messages = messages_in(caller.language)
        named = self.named(command, messages)
        new = self._checked(named)
        zone = self._backends.zones(caller.identity.user_id)
        when = f"{new.remind_at.astimezone(zone):%Y-%m-%d %H:%M}"
        if new.repeat is not None:
            when += f" ({messages.say(f'repeat.{new.repeat}')})"
        title = messages.say(f"{self.spec.name}.approval", when=when, title=one_line(new.title))
        return NewApproval(self.kind, title, named)

    async def run(self, caller: Caller, command: C) -> Reminder:
        """Create a reminder, one for each request.

        Raises:
            ValidationFailed: Its time has passed.
        """
        user, reminders = caller.identity.user_id, self._backends.reminders
        # By now its time may be past.
        if caller.reminder and (made := await reminders.find(user, caller.reminder)):
            return made
        new = self._checked(self.named(command, messages_in(caller.language)))
        return await reminders.create(user, new, caller.reminder)

    async def carry_out(self, approved: Approved) -> Reminder:
        """Create the reminder that was approved."""
        command = msgspec.json.decode(approved.payload, type=self.spec.type)
        return await self._backends.reminders.create(approved.user, self._checked(command))

    def inverse(self, result: Reminder) -> CancelReminders:
        """Return what cancels it."""
        return CancelReminders(kind=result.kind, reminder_id=result.id)

    def _checked(self, command: Any) -> NewReminder:
        fields = {k: v for k, v in self.fields(command, _now()).items() if v is not None}
        new, errors = check(fields, NewReminder)
        if new is None:
            for error in errors:
                if error["field"] == "remind_at":
                    error["field"] = self.time_field
            raise ValidationFailed(errors)
        return new


def first_time(reminder: Reminder, messages: Messages, clock: Clock) -> str:
    """Return `tomorrow at 09:00`, or `every day, first tomorrow at 09:00`."""
    when = messages.moment(reminder.remind_at, clock)
    if reminder.repeat is None:
        return when
    # Whoever says "every day at half past two" is told which of the two it will be.
    hour = reminder.remind_at.astimezone(clock.zone).hour
    if hour in _NIGHT or hour in _AFTERNOON:
        half = messages.say("half.night" if hour in _NIGHT else "half.afternoon")
        when += f" ({half})"
    return messages.say("repeating", repeat=messages.say(f"repeat.{reminder.repeat}"), when=when)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
