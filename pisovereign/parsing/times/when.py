"""From pieces to moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pisovereign.parsing.times.hours import HALF_DAY, USUAL, Hint, settle, settle_span
from pisovereign.parsing.times.pieces import (
    MIDNIGHT_AFTER,
    Clock,
    Day,
    DayKind,
    Instant,
    Length,
    Offset,
    Part,
    Past,
    Period,
    Piece,
    Repeated,
    Span,
    Unreadable,
)
from pisovereign.parsing.times.zone import moment

USUAL_LENGTH = 60.0
MOST_DAYS = 366
# Without a time, a day's reminders come at the first of these that is still to come.
_REMINDING = (9 * 60, 12 * 60, 15 * 60, 18 * 60, 21 * 60)
_REFUSED = (Past, Repeated, Unreadable)
P = TypeVar("P", bound=Piece)


class When(NamedTuple):
    """A time that was found.

    Attributes:
        start: in UTC.
        end: in UTC, after `start`.
        timed: a time of day was said; else `start` and `end` are midnights.
        doubtful: it may have been meant otherwise.
        past: it is over.
    """

    start: dt.datetime
    end: dt.datetime
    timed: bool
    doubtful: bool
    past: bool


class Moment(NamedTuple):
    """Now, and where: `local` is the same moment as the user's clocks show it."""

    now: dt.datetime
    local: dt.datetime
    zone: ZoneInfo

    @staticmethod
    def of(now: dt.datetime, zone: ZoneInfo) -> Moment:
        """A moment in a zone."""
        return Moment(now.astimezone(dt.UTC), now.astimezone(zone), zone)


def event_time(pieces: Sequence[Piece], at: Moment, hint: Hint) -> When | None:
    """When an event is: without a time of day it takes the whole day. None: nothing is said."""
    if any(isinstance(p, _REFUSED) for p in pieces):
        return None
    length = _first(pieces, Length)
    if instant := _first(pieces, Instant):
        return _lasting(instant.at, length, at, doubtful=False)
    if (offset := _first(pieces, Offset)) and not _first(pieces, Clock):
        return _lasting(_after(at, offset), length, at, doubtful=False)
    days = _all(pieces, Day)
    if (period := _first(pieces, Period)) and period.dated:
        return _whole_days(period, at) if len(pieces) == 1 else None
    clocks, spans, parts = _all(pieces, Clock), _all(pieces, Span), _all(pieces, Part)
    day, doubtful = _chosen(days) if days else (None, False)
    doubtful |= len(set(clocks)) + len(set(spans)) > 1 or bool(_first(pieces, Period))
    part = parts[0].name if parts else None
    if spans:
        start, end = settle_span(spans[0].first, spans[0].last, part, hint)
    elif clocks or part:
        start = settle(clocks[0], part, hint) if clocks else USUAL[parts[0].name]
        start = _later_today(start, clocks, day, at) if part is None else start
        end = None
    elif day is not None:
        return _whole_day(day, at, doubtful)
    else:
        return None
    on = _day_of(start, day, at)
    begin = moment(on, start, at.zone, at.now)
    if end is None or (length and length.minutes):
        return _lasting(begin, length, at, doubtful=doubtful)
    return When(begin, moment(on, end, at.zone, begin), True, doubtful, begin < at.now)


def reminder_time(pieces: Sequence[Piece], at: Moment, hint: Hint) -> When | None:
    """When to remind: without a time of day in the morning, or later today."""
    if any(isinstance(p, _REFUSED) for p in pieces):
        return None
    offset, days = _first(pieces, Offset), _all(pieces, Day)
    if offset is not None:
        return _lasting(_after(at, offset), None, at, doubtful=False)
    if not days or any(isinstance(p, Clock | Span | Part | Instant) for p in pieces):
        return event_time(pieces, at, hint)
    day, doubtful = _chosen(days)
    if day.kind is DayKind.AHEAD:
        minutes: Iterable[int] = (at.local.hour * 60 + at.local.minute,)
    else:
        minutes, doubtful = _REMINDING, doubtful or day.kind is DayKind.TODAY
    times = (moment(day.on, minute, at.zone) for minute in minutes)
    usual = next((time for time in times if time > at.now), None)
    return (
        None
        if usual is None
        else _lasting(usual, None, at, doubtful=doubtful)._replace(timed=False)
    )


def days_meant(pieces: Sequence[Piece], at: Moment) -> tuple[dt.datetime | None, int] | None:
    """The first day's midnight (None: today) and the number of days; None: not to be told."""
    periods, days = _all(pieces, Period), _all(pieces, Day)
    if any(isinstance(p, _REFUSED) for p in pieces) or len(periods) + len(days) > 1:
        return None
    first, count = at.local.date(), 1
    if periods:
        first, count = periods[0].first, periods[0].days
    elif days:
        first = days[0].on
    elif pieces and not all(isinstance(p, Part) for p in pieces):
        return None
    if not 1 <= count <= MOST_DAYS:
        return None
    start = None if first == at.local.date() else moment(first, 0, at.zone)
    return start, count


def is_now(pieces: Iterable[Piece]) -> bool:
    """Whether no other day than today is said."""
    return all(
        isinstance(p, Part) or (isinstance(p, Day) and p.kind is DayKind.TODAY) for p in pieces
    )


def _all(pieces: Iterable[Piece], kind: type[P]) -> list[P]:
    return [piece for piece in pieces if isinstance(piece, kind)]


def _first(pieces: Iterable[Piece], kind: type[P]) -> P | None:
    return next((piece for piece in pieces if isinstance(piece, kind)), None)


def _after(at: Moment, offset: Offset) -> dt.datetime:
    return at.now.replace(microsecond=0) + dt.timedelta(minutes=offset.minutes)


def _lasting(start: dt.datetime, length: Length | None, at: Moment, *, doubtful: bool) -> When:
    minutes = USUAL_LENGTH if length is None or length.minutes is None else length.minutes
    end = start + dt.timedelta(minutes=max(minutes, 1))
    return When(start, end, True, doubtful, start < at.now.replace(microsecond=0))


def _whole_day(day: Day, at: Moment, doubtful: bool) -> When:
    start, end = (moment(day.on, minute, at.zone) for minute in (0, MIDNIGHT_AFTER))
    return When(start, end, False, doubtful or day.kind is not DayKind.DATED, end <= at.now)


def _whole_days(period: Period, at: Moment) -> When:
    last = period.first + dt.timedelta(days=period.days)
    start, end = (moment(day, 0, at.zone) for day in (period.first, last))
    return When(start, end, False, False, end <= at.now)


def _chosen(days: Sequence[Day]) -> tuple[Day, bool]:
    """The day, and whether there is doubt: "Friday 14 March" may be a Saturday."""
    dated = [day for day in days if day.kind in (DayKind.DATED, DayKind.FIXED)]
    chosen = dated[0] if dated else days[0]
    return chosen, chosen.doubt or any(day.on != chosen.on for day in days)


def _later_today(minute: int, clocks: Sequence[Clock], day: Day | None, at: Moment) -> int:
    """Twelve hours later where that is still to come today: at 15:00, "at 8" is 20:00."""
    today = day is None or day.kind is DayKind.TODAY
    if not clocks or clocks[0].exact or not today or minute >= HALF_DAY:
        return minute
    over = moment(at.local.date(), minute, at.zone, at.now) <= at.now
    return minute + HALF_DAY if over and minute else minute


def _day_of(minute: int, day: Day | None, at: Moment) -> dt.date:
    """The day that was said, or the next one on which that time is still to come."""
    today = at.local.date()
    if day is None:
        over = moment(today, minute, at.zone, at.now) <= at.now
        return today + dt.timedelta(days=over)
    if day.kind is DayKind.DATED and moment(day.on, minute, at.zone, at.now) < at.now:
        return day.on.replace(year=day.on.year + 1) if _every_year(day.on) else day.on
    return day.on


def _every_year(day: dt.date) -> bool:
    return (day.month, day.day) != (2, 29)
