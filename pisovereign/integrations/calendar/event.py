"""A new event as iCalendar text."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import icalendar

from pisovereign.integrations.calendar.types import NewEvent


def event_text(event: NewEvent, uid: str, zone: ZoneInfo) -> str:
    """The object to store, with the rules of the user's zone: programs show it in that one."""
    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", dt.datetime.now(dt.UTC))
    entry.add("dtstart", event.start.astimezone(zone))
    entry.add("dtend", event.end.astimezone(zone))
    entry.add("summary", event.title)
    if event.location is not None:
        entry.add("location", event.location)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//PiSovereign//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    calendar.add_missing_timezones(
        first_date=event.start.date() - dt.timedelta(366),
        last_date=event.end.date() + dt.timedelta(366),
    )
    return str(calendar.to_ical(), "utf-8")
