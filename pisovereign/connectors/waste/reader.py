"""Waste collections out of a calendar's text, for a process that can only compute.

Some rules of recurrence take hours to compute, and whoever publishes the calendar may be anybody:
here the process is ended, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo

import msgspec

from pisovereign.connectors.ical.occurrences import moment_of, occurrences
from pisovereign.connectors.waste.types import Collection
from pisovereign.text.untrusted import one_line

_LONGEST = 200
_ENCODINGS = ("utf-8-sig", "cp1252")
_SAMPLE = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;TZID=W. Europe Standard Time:20260105T060000
RRULE:FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260301T000000Z
EXDATE;TZID=W. Europe Standard Time:20260202T060000
SUMMARY:Paper
END:VEVENT
END:VCALENDAR
"""


def prepare() -> None:
    """Read all time zones, and whatever the libraries load late: then no file can be opened."""
    _zones()
    for encoding in _ENCODINGS:
        sample = f"{_SAMPLE}é".encode(encoding)
        convert(sample, ["Europe/Berlin", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "9"])


@functools.cache
def _zones() -> tuple[zoneinfo.ZoneInfo, ...]:
    """Return all zones; while they are held, each is found by its name."""
    return tuple(map(zoneinfo.ZoneInfo, sorted(zoneinfo.available_timezones())))


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Return the collections in order of time, each once, as JSON.

    Args:
        data: The text of the calendar.
        arguments: The household's time zone, the first and the last moment, and how many there may
            be: one more is returned where there are more.
    """
    name, start, end, most = arguments
    zone = zoneinfo.ZoneInfo(name)
    between = (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end))
    found: dict[tuple[dt.datetime, str], Collection] = {}
    for each in occurrences(_decoded(data), *between, zone):
        day = moment_of(each.start.astimezone(zone).date(), zone)
        title = one_line(each.title, _LONGEST)
        place = one_line(each.location, _LONGEST) if each.location else None
        # Some list the same bin once for each street, or in the morning and as a whole day.
        found.setdefault((day, title), Collection(title=title, start=day, place=place))
        if len(found) > int(most):
            break
    return msgspec.json.encode([found[key] for key in sorted(found)])


def _decoded(data: bytes) -> str:
    """Return the text: in UTF-8 as the standard has it, else as older programs on Windows write."""
    standard, older = _ENCODINGS
    try:
        return data.decode(standard)
    except UnicodeDecodeError:
        return data.decode(older, "replace")
