"""Writing iCalendar text: a new event, or a change of one in which everything else stays."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import icalendar
import msgspec
from icalendar import Calendar, Component

from pisovereign.connectors.calendar.types import Edit, NewEvent
from pisovereign.connectors.ical.occurrences import Occurrence, occurrence_of
from pisovereign.connectors.ical.repair import recurs, repair_events, reset_zones, time_property

CHANGE_PROPERTY = "X-PISOVEREIGN-CHANGE"


def new_event_text(event: NewEvent, uid: str, zone: ZoneInfo) -> str:
    """Return the object to store; its times are in the user's zone, which programs show it in."""
    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", dt.datetime.now(dt.UTC))
    entry.add("dtstart", written_in(event.start, zone))
    entry.add("dtend", written_in(event.end, zone))
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


def written_in(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return a moment as it is written in a zone: in UTC where that would mean another one.

    When clocks are put back an hour comes twice, and what is written means the first one.
    """
    local = moment.astimezone(zone)
    return moment.astimezone(dt.UTC) if local.fold else local


class EditedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The new text of an event, and the event before and after."""

    text: str
    before: Occurrence
    after: Occurrence


class Uneditable(Exception):
    """An event that is not changed here; the text says why."""


def edit_event(text: str, edit: Edit, zone: ZoneInfo) -> EditedEvent:
    """Change the only event of an object, and return its new text.

    Raises:
        Uneditable: it recurs, or is no single event.
    """
    reset_zones()
    calendar = Calendar.from_ical(text)
    repair_events(calendar)
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
    mark_change(event, edit.mark, edit.at)
    calendar.add_missing_timezones()
    return EditedEvent(
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
        event.add(name, written_in(value, zone))
    for name in ("DURATION", "X-MICROSOFT-CDO-ALLDAYEVENT"):
        event.pop(name, None)
    assert time_property(event, "DTSTART") is not None


def mark_change(entry: Component, mark: str, at: dt.datetime) -> None:
    """Write into an event or a task that it was changed, and by which change."""
    try:
        sequence = int(str(entry.get("SEQUENCE", 0)))
    except ValueError:
        sequence = 0
    for name in ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", CHANGE_PROPERTY):
        entry.pop(name, None)
    entry.add("SEQUENCE", sequence + 1)
    entry.add("DTSTAMP", at)
    entry.add("LAST-MODIFIED", at)
    entry.add(CHANGE_PROPERTY, mark)
