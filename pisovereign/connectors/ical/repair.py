"""Repair of iCalendar text, before occurrences are computed from it.

Programs write time zones, ends and rules in many wrong ways. What cannot be repaired is taken out,
so that one broken event costs nothing but itself.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from datetime import tzinfo

from icalendar import Calendar, Component, vBroken, vRecur
from icalendar.timezone import tzp
from icalendar.timezone.tzp import TZP
from icalendar.timezone.zoneinfo import ZONEINFO

_UTC = frozenset(("utc", "gmt", "z", "tzone://microsoft/utc", "(utc) coordinated universal time"))
_LONGEST_NAME = 200
_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)")
# Properties that an event has once; of several, the first counts.
_ONCE = frozenset(
    {
        "UID", "SUMMARY", "LOCATION", "STATUS", "SEQUENCE", "DTSTART", "DTEND", "DURATION",
        "DUE", "COMPLETED", "PERCENT-COMPLETE", "RECURRENCE-ID", "X-MICROSOFT-CDO-ALLDAYEVENT",
    }
)  # fmt: skip
_OFTEN = frozenset(("RRULE", "RDATE", "EXDATE"))
_ZONE = "VTIMEZONE"
# An event that recurs more often within a day is no appointment, and would fill the memory.
_MOST_A_DAY = 24
_PARTS_OF_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")


class KnownZones(ZONEINFO):
    """icalendar's zones, with Windows' names and those of other programs.

    A name that is known means that zone, whatever rules the file has beside it: Outlook's are from
    the year 1601 and know one rule for all years. Only unknown names are taken from the file.
    """

    def timezone(self, name: str) -> tzinfo | None:
        """Return the zone of that name; None: unknown."""
        return find_zone(name)

    def knows_timezone_id(self, tzid: str) -> bool:
        """Return whether the rules in the file are not needed."""
        return find_zone(tzid) is not None


def reset_zones() -> None:
    """Forget the zones of earlier files: their names mean nothing in the next."""
    tzp.use(KnownZones())


def find_zone(name: str) -> tzinfo | None:
    """Return the zone that a TZID names; None: it is known nowhere."""
    plain = name.strip().strip('"')
    if len(plain) > _LONGEST_NAME:
        return None
    if plain.lower() in _UTC:
        return zoneinfo.ZoneInfo("UTC")
    try:
        # A fresh one knows no file's names: only IANA's, Windows', and those behind a prefix.
        return TZP().timezone(plain)
    except OSError:
        return None  # the name of a folder


def reduce_text(text: str, *, zones: bool = True, kind: str = "VEVENT") -> str:
    """Return only those lines of iCalendar text that say what happens when.

    The rest (descriptions in HTML, attendees, alarms, what programs note for themselves) is most of
    the text and most of what is broken in it. Lines that belong nowhere, and components that do not
    end, do no harm here. `zones`: whether to keep the text's own time zones. `kind`: which
    components are kept.
    """
    out = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    lines = _LineFilter(zones, kind)
    for line in _FOLD.sub("", text).split("\n"):
        lines.take(line.rstrip("\r"))
    lines.finish()
    return "\r\n".join([*out, *lines.kept, "END:VCALENDAR", ""])


class _LineFilter:
    """A filter of lines that keeps what belongs to components of a kind, or to a zone."""

    def __init__(self, zones: bool, kept: str) -> None:
        self._wanted = kept
        self.kept: list[str] = []
        self._zones = zones
        self._block: list[str] = []
        self._kind = ""
        self._inner = 0
        self._seen: set[str] = set()

    def take(self, line: str) -> None:
        match = _NAME.match(line)
        if match is None:
            return
        name = match[1].upper()
        value = line[match.end() :].lstrip(":").strip()
        component = value.upper()
        if name == "BEGIN" and component in (self._wanted, _ZONE):
            self.finish()
            self._kind, self._block, self._seen = component, [], set()
        elif not self._kind:
            if name == "X-WR-TIMEZONE" and not self.kept and find_zone(value) is not None:
                self.kept.append(line)
        elif name == "END" and component in (self._kind, "VCALENDAR"):
            self.finish()
        elif self._kind == _ZONE:
            self._block.append(line)
        elif name in ("BEGIN", "END"):
            self._inner = max(0, self._inner + (1 if name == "BEGIN" else -1))
        elif not self._inner and (name in _OFTEN or (name in _ONCE and name not in self._seen)):
            self._seen.add(name)
            self._block.append(line)

    def finish(self) -> None:
        """End the event or zone that is being read, if there is one."""
        if self._kind == self._wanted or (self._kind and self._zones):
            self.kept += [f"BEGIN:{self._kind}", *self._block, f"END:{self._kind}"]
        self._kind, self._inner = "", 0


def repair_events(calendar: Calendar) -> None:
    """Repair the events of `calendar` in place, and drop those without a start."""
    events = [item for item in calendar.subcomponents if item.name == "VEVENT"]
    for event in events:
        drop_broken(event)
        start = time_property(event, "DTSTART")
        if start is None:
            calendar.subcomponents.remove(event)
            continue
        _repair_end(event)
        _repair_rules(event, start)


def drop_broken(event: Component) -> None:
    """Take out of a component what could not be read of it."""
    for name, value in list(event.items()):
        values = value if isinstance(value, list) else [value]
        kept = [item for item in values if not isinstance(item, vBroken)]
        if not kept:
            del event[name]
        elif len(kept) < len(values):
            event[name] = kept


def recurs(event: Component) -> bool:
    """Return whether it is more than one occurrence, or one of several."""
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def time_property(event: Component, name: str) -> dt.date | None:
    """Return a property that is there once and could be read as a date or a time."""
    value = _value(event, name)
    return value if isinstance(value, dt.date) else None


def _value(event: Component, name: str) -> object:
    return getattr(event.get(name), "dt", None)


def _repair_end(event: Component) -> None:
    if "DTEND" in event and time_property(event, "DTEND") is None:
        del event["DTEND"]
    if "DURATION" in event:
        duration = _value(event, "DURATION")
        if not isinstance(duration, dt.timedelta) or duration < dt.timedelta(0):
            del event["DURATION"]


def _repair_rules(event: Component, start: dt.date) -> None:
    rules = event.pop("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if not isinstance(rule, vRecur) or _too_often(rule):
            continue
        if until := _until(rule, start):
            rule["UNTIL"] = [until]
        event.add("RRULE", rule)


def _too_often(rule: vRecur) -> bool:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency in ("SECONDLY", "MINUTELY"):
        return True
    within = math.prod(max(1, len(rule.get(part, ()))) for part in _PARTS_OF_A_DAY)
    return within > (1 if frequency == "HOURLY" else _MOST_A_DAY)


def _until(rule: vRecur, start: dt.date) -> dt.date | None:
    """Return the end of a rule in the form that the standard asks for; None: it has none.

    With a zone that is UTC. But Outlook and older programs write local time, or a date that is
    meant as the last day; taken as UTC, either loses the last occurrence west of Greenwich.
    """
    values = rule.get("UNTIL") or [None]
    until = values[0]
    if not isinstance(until, dt.date) or not isinstance(start, dt.datetime):
        return until if isinstance(until, dt.date) else None
    if not isinstance(until, dt.datetime):
        until = dt.datetime.combine(until, dt.time.max.replace(microsecond=0))
    if start.tzinfo is None or until.tzinfo is not None:
        return until
    return until.replace(tzinfo=start.tzinfo).astimezone(dt.UTC)
