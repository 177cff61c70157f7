"""Only those lines of iCalendar text that say what happens when.

The rest (descriptions in HTML, attendees, alarms, what programs note for themselves) is most of
the text and most of what is broken in it. Lines that belong nowhere, and components that do not
end, are no matter here.
"""

from __future__ import annotations

import re

from pisovereign.integrations.calendar.zones import find_zone

_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)")
# Properties that an event has once; of several, the first counts.
_ONCE = frozenset(
    (
        "UID",
        "SUMMARY",
        "LOCATION",
        "STATUS",
        "SEQUENCE",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RECURRENCE-ID",
        "X-MICROSOFT-CDO-ALLDAYEVENT",
    )
)
_OFTEN = frozenset(("RRULE", "RDATE", "EXDATE"))
_ZONE = "VTIMEZONE"


def essence(text: str, *, zones: bool = True) -> str:
    """The events of a calendar, and its own time zones if `zones`, as iCalendar text."""
    out = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    keeper = _Keeper(zones)
    for line in _FOLD.sub("", text).split("\n"):
        keeper.take(line.rstrip("\r"))
    keeper.finish()
    return "\r\n".join([*out, *keeper.kept, "END:VCALENDAR", ""])


class _Keeper:
    """Reads line by line, and keeps what belongs to an event or a zone."""

    def __init__(self, zones: bool) -> None:
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
        if name == "BEGIN" and component in ("VEVENT", _ZONE):
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
        if self._kind == "VEVENT" or (self._kind and self._zones):
            self.kept += [f"BEGIN:{self._kind}", *self._block, f"END:{self._kind}"]
        self._kind, self._inner = "", 0
