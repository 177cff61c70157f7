"""Events as the rest of the program shows them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from pisovereign.integrations.calendar.occurrences import Occurrence
from pisovereign.integrations.calendar.types import CalendarEvent


def shown(what: Occurrence, zone: ZoneInfo, calendar: str, name: str | None) -> CalendarEvent:
    """An occurrence in the user's zone; `name` is its id, for what can be changed."""
    return CalendarEvent(
        time=None if what.all_day else clock(what.start, zone),
        title=what.title,
        start=what.start,
        end=what.end,
        all_day=what.all_day,
        location=what.location,
        calendar=calendar,
        id=name,
    )


def clock(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The time of day."""
    return moment.astimezone(zone).strftime("%H:%M")
