"""Occurrences of the events in iCalendar text, in a time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import recurring_ical_events
from icalendar import Calendar, Component

from pisovereign.connectors.ical.repair import (
    recurs,
    reduce_text,
    repair_events,
    reset_zones,
    time_property,
)

_DAY = dt.timedelta(days=1)
_LONGEST_TITLE, _LONGEST_LOCATION = 500, 200


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of an event; `start` and `end` are in UTC, `end` is not part of it.

    `single` is true for the only occurrence of the only event of its object.
    """

    title: str
    start: dt.datetime
    end: dt.datetime
    all_day: bool
    location: str | None
    single: bool = False


def occurrences(
    text: str, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """Yield what touches [start, end) of one object of a calendar, in no order.

    Whole days and times without a zone are those of `zone`.

    Raises:
        ValueError: its events cannot be computed.
    """
    calendar = parse_calendar(text)
    repair_events(calendar)
    events = [item for item in calendar.subcomponents if item.name == "VEVENT"]
    single = len(events) == 1 and not recurs(events[0])
    # Wider by a day: the library compares dates and floating times as if they were in UTC.
    wide = (start.astimezone(zone) - _DAY, end.astimezone(zone) + _DAY)
    for event in recurring_ical_events.of(calendar).between(*wide):
        if text_of(event, "STATUS", 20).upper() != "CANCELLED":
            found = occurrence_of(event, zone, single=single)
            if _touches(found, start, end):
                yield found


def parse_calendar(text: str, kind: str = "VEVENT") -> Calendar:
    """Return the components of a kind in a text, without what is most often broken.

    Raises:
        ValueError: It cannot be read at all.
    """
    reset_zones()
    try:
        return Calendar.from_ical(reduce_text(text, kind=kind))
    except (ValueError, AttributeError):
        # Most events with a broken zone name one that is known.
        reset_zones()
        return Calendar.from_ical(reduce_text(text, zones=False, kind=kind))


def occurrence_of(event: Component, zone: ZoneInfo, *, single: bool = True) -> Occurrence:
    """Return what is shown of an event that has been computed, or does not recur.

    Raises:
        ValueError: it has no start.
    """
    first = time_property(event, "DTSTART")
    if first is None:
        raise ValueError("an event without a start")
    last = time_property(event, "DTEND") or _end_of(event, first)
    if _meant_as_days(event, first, last):
        first, last = _day(first), _day(last)
    all_day = not isinstance(first, dt.datetime)
    begins, ends = moment_of(first, zone), moment_of(last, zone)
    if all_day and ends <= begins:
        ends = moment_of(first + _DAY, zone)
    elif isinstance(first, dt.datetime) and _is_skipped(first, begins):
        ends = begins + (last - first)
    return Occurrence(
        title=text_of(event, "SUMMARY", _LONGEST_TITLE) or "(no title)",
        start=begins,
        end=max(begins, ends),
        all_day=all_day,
        location=text_of(event, "LOCATION", _LONGEST_LOCATION) or None,
        single=single,
    )


def _end_of(event: Component, first: dt.date) -> dt.date:
    duration = getattr(event.get("DURATION"), "dt", dt.timedelta(0))
    if isinstance(first, dt.datetime):
        return first + duration
    return first + max(_DAY, dt.timedelta(duration.days))


def _meant_as_days(event: Component, first: dt.date, last: dt.date) -> bool:
    # Exchange writes whole days as midnight to midnight in the organizer's zone.
    if text_of(event, "X-MICROSOFT-CDO-ALLDAYEVENT", 10).upper() != "TRUE":
        return False
    return all(isinstance(t, dt.datetime) and t.time() == dt.time() for t in (first, last))


def _day(value: dt.date) -> dt.date:
    return dt.date(value.year, value.month, value.day)


def moment_of(value: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return a time, or the midnight that begins a day, in UTC."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)


def _is_skipped(local: dt.datetime, moment: dt.datetime) -> bool:
    """Return whether the clocks go forward over this time, so that it is an hour later."""
    if local.tzinfo is None:
        return False
    return moment.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None)


def _touches(found: Occurrence, start: dt.datetime, end: dt.datetime) -> bool:
    if found.start == found.end:
        return start <= found.start < end
    return found.start < end and start < found.end


def text_of(event: Component, name: str, longest: int) -> str:
    """Return a property as one line; the first of several, empty without one."""
    value = event.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    printable = "".join(c if c.isprintable() else " " for c in str(value)[: 4 * longest])
    return " ".join(printable.split())[:longest]
