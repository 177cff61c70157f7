"""The reminders that are still to come."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import Days, Moment
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import Kind, ListQuery, Reminder


class ListReminders(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The reminders that are not done, of a kind, or of `days` whole days from `start` on."""

    kind: Kind | None = None
    start: Moment | None = None
    days: Days | None = None


class ReminderList(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders that are not done, the earliest first, and how many there are in all."""

    reminders: list[Reminder]
    total: int


class ListRemindersAction(DirectAction[ListReminders, ReminderList]):
    """Reads the user's reminders."""

    spec = ActionSpec(
        name="reminders",
        type=ListReminders,
        result=ReminderList,
        sources=("reminders",),
    )

    async def run(self, caller: Caller, command: ListReminders) -> ReminderList:
        """Return the reminders that are not done, as many as a page of them holds."""
        query = ListQuery(status="open")
        listed, total = await self._backends.reminders.page(caller.identity.user_id, query)
        return ReminderList(reminders=listed, total=total)

    def describe(self, result: ReminderList, messages: Messages, clock: Clock) -> str:
        """Return reminders, one a line."""
        if not result.reminders:
            return messages.say("reminders.none")
        lines = [
            f"{messages.moment(reminder.remind_at, clock)}: {quote(reminder.title)}"
            for reminder in result.reminders
        ]
        return messages.say("reminders", list=bullets(lines, messages, result.total))
