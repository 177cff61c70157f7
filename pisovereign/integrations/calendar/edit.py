"""Changing one event in its iCalendar text; everything else in it stays."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Component

from pisovereign.integrations.calendar.occurrences import Occurrence, occurrence_of
from pisovereign.integrations.calendar.tidy import recurs, tidy, when
from pisovereign.integrations.calendar.types import Edit
from pisovereign.integrations.calendar.zones import forget_zones

MARK = "X-PISOVEREIGN-CHANGE"


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """The new text, and the event before and after."""

    text: str
    before: Occurrence
    after: Occurrence


class Uneditable(Exception):
    """The event is one of those that are not changed here; the text says why."""


def edited(text: str, edit: Edit, zone: ZoneInfo) -> Edited:
    """Change the only event of an object.

    Raises:
        Uneditable: it recurs, or is no single event.
    """
    forget_zones()
    calendar = Calendar.from_ical(text)
    tidy(calendar)
    events = [item for item in calendar.subcomponents if item.name == "VEVENT"]
    if len(events) != 1 or recurs(events[0]):
        raise Uneditable("An event that recurs is changed in a calendar program")
    (event,) = events
    before = occurrence_of(event, zone)
    _set_times(event, edit, before, zone)
    for name, value in (("SUMMARY", edit.title), ("LOCATION", edit.location)):
        if value is not None:
            event.pop(name, None)
            event.add(name, value)
    _sign(event, edit)
    calendar.add_missing_timezones()
    return Edited(
        text=str(calendar.to_ical(), "utf-8"), before=before, after=occurrence_of(event, zone)
    )


def _set_times(event: Component, edit: Edit, before: Occurrence, zone: ZoneInfo) -> None:
    if edit.start is None and edit.end is None:
        return
    start = edit.start or before.start
    end = edit.end or start + (before.end - before.start)
    if start >= end:
        raise Uneditable("The event would end before it starts")
    for name, value in (("DTSTART", start), ("DTEND", end)):
        event.pop(name, None)
        event.add(name, value.astimezone(zone))
    for name in ("DURATION", "X-MICROSOFT-CDO-ALLDAYEVENT"):
        event.pop(name, None)
    assert when(event, "DTSTART") is not None


def _sign(event: Component, edit: Edit) -> None:
    try:
        sequence = int(str(event.get("SEQUENCE", 0)))
    except ValueError:
        sequence = 0
    for name in ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", MARK):
        event.pop(name, None)
    event.add("SEQUENCE", sequence + 1)
    event.add("DTSTAMP", edit.at)
    event.add("LAST-MODIFIED", edit.at)
    event.add(MARK, edit.mark)
