"""Moments and days that a sentence names, for whatever it asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.reading.partial_commands import Wording
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Day,
    DayPart,
    Duration,
    Expression,
    Offset,
    PartOfDay,
    Period,
)
from pisovereign.reading.times.resolution import reminder_time, resolve_days

DAWN, WAKING = 4 * 60, 7 * 60
"""The minute from which on an hour is one of the morning: for alarms, and for what repeats."""
_NOON = 12 * 60


def moment(request: Request, expressions: Sequence[Expression]) -> dt.datetime | None:
    """Return when something is to come; None: nothing says so, or it is over."""
    if not expressions or not request.is_possible:
        return None
    when = reminder_time(expressions, request.at, request.hint)
    return None if when is None or when.is_past else when.start


def mornings(expressions: Sequence[Expression], earliest: int = DAWN) -> list[Expression]:
    """Return expressions with hours of the morning where nothing tells: alarms ring then."""
    clocks = [e for e in expressions if isinstance(e, Clock)]
    told = any(isinstance(e, PartOfDay | ClockRange) for e in expressions)
    early = all(not c.exact and earliest <= c.minute < _NOON for c in clocks)
    if told or not clocks or not early:
        return list(expressions)
    return [*expressions, PartOfDay(DayPart.MORNING)]


def as_of(kind: str, expressions: Sequence[Expression]) -> Sequence[Expression]:
    """Return expressions as they are meant of an alarm, or of another kind of things."""
    return mornings(expressions) if kind == "alarm" else expressions


def offsets(expressions: Sequence[Expression]) -> list[Expression]:
    """Return expressions with durations counted from now: an alarm for ten minutes."""
    named = any(isinstance(e, Clock | Day | Offset) for e in expressions)
    return [
        Offset(e.minutes) if isinstance(e, Duration) and e.minutes and not named else e
        for e in expressions
    ]


def old_and_new(wording: Wording) -> tuple[list[Expression], list[Expression]]:
    """Return the time that something has, and the one that it is to have."""
    request = wording.request
    if wording.spans is not None:
        old, new = (request.within(wording.spans.get(name)) for name in ("old", "new"))
        if len(new) == 1 and isinstance(new[0], ClockRange) and not old:  # "from 3 to 4"
            return [new[0].first], [new[0].last]
        return old, new
    if len(request.phrases) < 2:
        return [], request.expressions
    return list(request.phrases[0].expressions), [
        e for phrase in request.phrases[1:] for e in phrase.expressions
    ]


def named_days(request: Request) -> tuple[dt.datetime | None, int] | None:
    """Return the first of the days that are named, and how many; None: none are, or none can be.

    Its moment is None for today.
    """
    named = [
        e for e in request.expressions if not isinstance(e, Clock | ClockRange | Duration | Offset)
    ]
    return resolve_days(named, request.at) if named else None


def whole_days(request: Request) -> tuple[dt.datetime | None, int] | None:
    """Return the days that are named as such, as `named_days` does; today where none is."""
    named = [e for e in request.expressions if isinstance(e, Day | Period)]
    return resolve_days(named, request.at) if request.is_possible else None


def first_day(request: Request) -> dt.date | None:
    """Return the first day that is named; None: none is, or it is today."""
    for expression in request.expressions:
        day = expression.on if isinstance(expression, Day) else None
        if isinstance(expression, Period):
            day = expression.first
        if day is not None:
            return None if day == request.at.local.date() else day
    return None


def midnight(request: Request) -> dt.datetime:
    """Return when the day began on which something was said, in UTC."""
    local = request.at.local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(dt.UTC)
