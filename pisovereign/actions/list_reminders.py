"""The reminders that are still to come."""

from __future__ import annotations

import datetime as dt
from functools import partial

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Days, Moment
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.list_events import day_bounds
from pisovereign.actions.messages import bullets
from pisovereign.actions.reminder_selection import is_over, reminder_line
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import named_days
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reminders.types import Kind, ListQuery, Reminder

_THINGS: dict[Kind, str] = {"reminder": "reminders", "alarm": "alarms", "timer": "timers"}


class ListReminders(Command, frozen=True, kw_only=True, omit_defaults=True):
    """The reminders that are not done, of a kind, or of `days` whole days from `start` on."""

    kind: Kind | None = None
    start: Moment | None = None
    days: Days | None = None


class ReminderList(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders that are not done, the earliest first, and how many there are in all.

    `kind` and `start` are what was asked for.
    """

    reminders: list[Reminder]
    total: int
    kind: Kind | None = None
    start: dt.datetime | None = None


def _read(kind: Kind | None, wording: Wording) -> PartialCommand:
    days = named_days(wording.request)
    arguments = {
        "kind": kind,
        "start": (days[0] or wording.request.at.now) if days else None,
        "days": days[1] if days else None,
    }
    return PartialCommand(ListReminders, arguments)


class ListRemindersAction(DirectAction[ListReminders, ReminderList]):
    """Reads the user's reminders."""

    spec = ActionSpec(
        name="reminders",
        module="list_reminders",
        type=ListReminders,
        result=ReminderList,
        sources=("reminders",),
        intents=(
            Intent("reminders", partial(_read, None)),
            Intent("alarms", partial(_read, "alarm"), kind="alarm"),
            Intent("timers", partial(_read, "timer"), kind="timer"),
        ),
        slots=CommandSlots(days="start", day_count="days"),
        model=ModelTool(
            "List the user's reminders, alarms and timers that are still to come.",
            {},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: ListReminders) -> ReminderList:
        """Return the reminders that are not done, as many as a page of them holds."""
        start = end = None
        if command.start is not None or command.days is not None:
            zone = self._backends.zones(caller.identity.user_id)
            first = command.start or dt.datetime.now(dt.UTC)
            start, end = day_bounds(first, command.days or 1, zone)
        query = ListQuery(status="open", kind=command.kind, start=start, end=end)
        listed, total = await self._backends.reminders.page(caller.identity.user_id, query)
        now = dt.datetime.now(dt.UTC)
        shown = [reminder for reminder in listed if not is_over(reminder, now)]
        total -= len(listed) - len(shown)
        return ReminderList(reminders=shown, total=total, kind=command.kind, start=start)

    def describe(self, result: ReminderList, messages: Messages, clock: Clock) -> str:
        """Return reminders, one a line."""
        things = _THINGS[result.kind or "reminder"]
        when = None if result.start is None else messages.day(result.start, clock)
        if not result.reminders:
            if when is None:
                return messages.say(f"{things}.none")
            return messages.say(f"{things}.none_on", when=when)
        lines = [reminder_line(reminder, messages, clock) for reminder in result.reminders]
        listed = bullets(lines, messages, result.total)
        if when is None:
            return messages.say(things, list=listed)
        return messages.say(f"{things}.on", when=when, list=listed)
