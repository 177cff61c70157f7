"""The events of whole days."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Moment
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.calendar.types import CalendarEvent
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import whole_days
from pisovereign.reading.partial_commands import PartialCommand, Wording


class ListCalendarEvents(Command, frozen=True, kw_only=True):
    """The events of `days` whole days in the user's zone, from today or from `start`."""

    days: Annotated[int, Meta(ge=1, le=366)] = 1
    start: Moment | None = None


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """The events between two moments, in order of time."""

    start: dt.datetime
    end: dt.datetime
    events: list[CalendarEvent]


def _read(wording: Wording) -> PartialCommand:
    days = whole_days(wording.request)
    arguments = {"days": days[1] if days else 1, "start": days[0] if days else None}
    return PartialCommand(ListCalendarEvents, arguments)


class ListEventsAction(DirectAction[ListCalendarEvents, Events]):
    """Reads the calendar."""

    spec = ActionSpec(
        name="calendar",
        module="list_events",
        type=ListCalendarEvents,
        result=Events,
        sources=("calendar",),
        needs="calendar",
        intents=(Intent("calendar", _read, past=False),),
        slots=CommandSlots(days="start", day_count="days"),
        model=ModelTool(
            "List the events in the user's calendar.",
            {
                "start": "First day, such as 2026-11-28; leave out for today",
                "days": "How many days, 1 if not given",
            },
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: ListCalendarEvents) -> Events:
        """Return the events of whole days."""
        first = command.start or dt.datetime.now(dt.UTC)
        return await read_events(self._backends, caller, first, command.days, SOURCE_LIMIT_S)

    def describe(self, result: Events, messages: Messages, clock: Clock) -> str:
        """Return events, one a line."""
        days = clock.days_ahead(result.end) - clock.days_ahead(result.start)
        when = days_in_words(result.start, days, messages, clock)
        if not result.events:
            return messages.say("events.none", when=when)
        lines = [_line(event, messages) for event in result.events]
        if days > 1:
            dates = (clock.date(max(event.start, result.start)) for event in result.events)
            lines = [
                f"{messages.short_date(date)} {line}"
                for date, line in zip(dates, lines, strict=True)
            ]
        return messages.say("events", when=when, list=bullets(lines, messages))


async def read_events(
    backends: Backends, caller: Caller, first: dt.datetime, days: int, limit_s: float
) -> Events:
    """Return the events of whole days, from the day of `first` on."""
    zone = backends.zones(caller.identity.user_id)
    start, end = day_bounds(first, days, zone)
    asked = backends.calendar.events(caller.identity.user_id, start, end)
    events = await within(limit_s, asked, "The calendar server")
    return Events(start=start, end=end, events=events)


def days_in_words(start: dt.datetime, days: int, messages: Messages, clock: Clock) -> str:
    """Return whole days in words: the first, and how many follow it."""
    when = messages.day(start, clock)
    if days < 2:
        return when
    key = "events.next_day" if days == 2 else "events.next_days"
    return messages.say(key, day=when, count=days - 1)


def day_bounds(first: dt.datetime, days: int, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Return when so many days begin and end, in UTC; the first is the day of `first`."""
    day = first.astimezone(zone).date()
    return midnight(day, zone), midnight(day + dt.timedelta(days), zone)


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return when a day begins, in UTC."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _line(event: CalendarEvent, messages: Messages) -> str:
    """Return `09:00 Team standup (room 3)`."""
    place = f" ({quote(event.location)})" if event.location else ""
    return f"{event.time or messages.say('all_day')} {quote(event.title)}{place}"
