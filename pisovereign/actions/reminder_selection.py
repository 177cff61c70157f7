"""Which of the stored reminders, alarms and timers are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.backends import Reminders
from pisovereign.actions.durations import duration
from pisovereign.actions.messages import quote
from pisovereign.actions.outcome import Choice
from pisovereign.actions.word_matching import matching
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import Kind, ListQuery, Reminder

_MOST = 500
# An alarm that rang longer ago is over, also if nobody has said so.
_RINGS = dt.timedelta(hours=1)
_HALF_A_DAY = dt.timedelta(hours=12)


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """The description of the reminders that are meant; what is None may be anything."""

    kind: Kind | None = None
    about: str | None = None
    at: dt.datetime | None = None
    reminder_id: UUID | None = None


async def open_reminders(reminders: Reminders, user: UUID, kind: Kind | None) -> list[Reminder]:
    """Return what is still to come or waits for somebody, the earliest first, one for a series."""
    listed, _ = await reminders.page(user, ListQuery(status="open", kind=kind, limit=_MOST))
    now = dt.datetime.now(dt.UTC)
    return _one_of_each_series([reminder for reminder in listed if not is_over(reminder, now)])


def is_over(reminder: Reminder, now: dt.datetime) -> bool:
    """Return whether an alarm or timer has rung long ago."""
    if reminder.kind == "reminder" or reminder.due_at is None or reminder.status != "due":
        return False
    return reminder.due_at < now - _RINGS


async def find(
    reminders: Reminders, user: UUID, described: Description, zone: ZoneInfo
) -> list[Reminder]:
    """Return the reminders that a description fits."""
    if described.reminder_id is not None:
        found = await reminders.find(user, described.reminder_id)
        return [found] if found is not None and found.status != "done" else []
    listed = await open_reminders(reminders, user, described.kind)
    if described.at is not None:
        listed = _at(listed, described.at, zone)
    if described.about is not None:
        listed = matching(described.about, listed, lambda reminder: reminder.title)
    return listed


def choices(listed: Sequence[Reminder], messages: Messages, clock: Clock) -> list[Choice]:
    """Return reminders as what can be chosen."""
    return [Choice(id=str(r.id), title=reminder_line(r, messages, clock)) for r in listed]


def reminder_line(reminder: Reminder, messages: Messages, clock: Clock) -> str:
    """Return `tomorrow at 09:00: Call Ada (every day)`."""
    when = messages.moment(reminder.remind_at, clock)
    title = quote(reminder.title)
    if reminder.kind != "reminder" and reminder.title != messages.say(reminder.kind):
        title = f"{messages.say(reminder.kind)}, {title}"
    line = f"{when}: {title}"
    if reminder.remaining_s is not None:
        left = duration(reminder.remaining_s, messages)
        line += f" ({messages.say('timer.left', duration=left)})"
    if reminder.repeat is not None:
        line += f" ({messages.say(f'repeat.{reminder.repeat}')})"
    return line


def _at(listed: Sequence[Reminder], at: dt.datetime, zone: ZoneInfo) -> list[Reminder]:
    """Return those of a moment, else of its time of day, else of that on the other half of a day.

    Who says "my alarm at 7" knows which one it is, and not always on which day.
    """
    exact = [r for r in listed if abs(r.remind_at - at) < dt.timedelta(minutes=1)]
    if exact:
        return exact
    for moment in (at, at + _HALF_A_DAY):
        wanted = moment.astimezone(zone)
        found = [r for r in listed if _wall(r.remind_at, zone) == (wanted.hour, wanted.minute)]
        if found:
            return found
    return []


def _wall(moment: dt.datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = moment.astimezone(zone)
    return local.hour, local.minute


def _one_of_each_series(listed: Sequence[Reminder]) -> list[Reminder]:
    """Leave out what is due of a series whose next one is there: they are one thing to people."""
    to_come = {r.series_id for r in listed if r.series_id and r.status == "scheduled"}
    return [r for r in listed if r.status == "scheduled" or r.series_id not in to_come]
