"""Repair of what programs write into events, before recurrences are computed from it.

Whatever cannot be repaired is taken out, so that one broken event costs nothing but itself.
"""

from __future__ import annotations

import datetime as dt
import math

from icalendar import Calendar, Component, vBroken, vRecur

# An event that recurs more often within a day is no appointment, and would fill the memory.
_MOST_A_DAY = 24
_PARTS_OF_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")


def tidy(calendar: Calendar) -> None:
    """Repair the events of `calendar` in place, and drop those without a start."""
    events = [item for item in calendar.subcomponents if item.name == "VEVENT"]
    for event in events:
        _drop_broken(event)
        start = when(event, "DTSTART")
        if start is None:
            calendar.subcomponents.remove(event)
            continue
        _tidy_end(event)
        _tidy_rules(event, start)


def _drop_broken(event: Component) -> None:
    for name, value in list(event.items()):
        values = value if isinstance(value, list) else [value]
        kept = [item for item in values if not isinstance(item, vBroken)]
        if not kept:
            del event[name]
        elif len(kept) < len(values):
            event[name] = kept


def recurs(event: Component) -> bool:
    """Whether it is more than one occurrence, or one of several."""
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def when(event: Component, name: str) -> dt.date | None:
    """A property that is there once and could be read as a date or a time."""
    value = _value(event, name)
    return value if isinstance(value, dt.date) else None


def _value(event: Component, name: str) -> object:
    return getattr(event.get(name), "dt", None)


def _tidy_end(event: Component) -> None:
    if "DTEND" in event and when(event, "DTEND") is None:
        del event["DTEND"]
    if "DURATION" in event:
        duration = _value(event, "DURATION")
        if not isinstance(duration, dt.timedelta) or duration < dt.timedelta(0):
            del event["DURATION"]


def _tidy_rules(event: Component, start: dt.date) -> None:
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
    """The end of a rule in the form that the standard asks for; None: it has none.

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
