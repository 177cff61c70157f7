"""From time expressions to moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pisovereign.reading.times.ambiguity import (
    HALF_DAY,
    TYPICAL_MINUTE,
    HourHint,
    resolve_minute,
    resolve_range,
)
from pisovereign.reading.times.expressions import (
    MIDNIGHT_AFTER,
    Clock,
    ClockRange,
    Day,
    DayKind,
    Duration,
    Expression,
    Instant,
    Invalid,
    Offset,
    PartOfDay,
    Past,
    Period,
    Recurring,
)

DEFAULT_MINUTES = 60.0
MOST_DAYS = 366
# A reminder without a time of day comes at the first of these that is still to come.
_REMINDER_MINUTES = (9 * 60, 12 * 60, 15 * 60, 18 * 60, 21 * 60)
_REFUSED = (Past, Recurring, Invalid)
P = TypeVar("P", bound=Expression)


class ResolvedTime(NamedTuple):
    """When something takes place.

    Attributes:
        start: In UTC.
        end: In UTC, after `start`.
        has_time: A time of day was given; else `start` and `end` are midnights.
        is_ambiguous: It may have been meant otherwise.
        is_past: It is over.
    """

    start: dt.datetime
    end: dt.datetime
    has_time: bool
    is_ambiguous: bool
    is_past: bool


class Moment(NamedTuple):
    """Now, and where: `local` is the same moment as the user's clocks show it."""

    now: dt.datetime
    local: dt.datetime
    zone: ZoneInfo

    @staticmethod
    def of(now: dt.datetime, zone: ZoneInfo) -> Moment:
        """Return a moment in a zone."""
        return Moment(now.astimezone(dt.UTC), now.astimezone(zone), zone)


def event_time(
    expressions: Sequence[Expression], at: Moment, hint: HourHint
) -> ResolvedTime | None:
    """Return when an event is; without a time of day, the whole day. None: nothing says so."""
    if any(isinstance(p, _REFUSED) for p in expressions):
        return None
    length = first_of(expressions, Duration)
    if instant := first_of(expressions, Instant):
        return _lasting(instant.at, length, at, ambiguous=False)
    if (offset := first_of(expressions, Offset)) and not first_of(expressions, Clock):
        return _lasting(_after(at, offset), length, at, ambiguous=False)
    days = _all(expressions, Day)
    if (period := first_of(expressions, Period)) and period.dated:
        return _whole_days(period, at) if len(expressions) == 1 else None
    clocks, spans, parts = (
        _all(expressions, Clock),
        _all(expressions, ClockRange),
        _all(expressions, PartOfDay),
    )
    day, ambiguous = _chosen(days) if days else (None, False)
    ambiguous |= len(set(clocks)) + len(set(spans)) > 1 or bool(first_of(expressions, Period))
    part = parts[0].name if parts else None
    if spans:
        start, end = resolve_range(spans[0].first, spans[0].last, part, hint)
    elif clocks or part:
        start = resolve_minute(clocks[0], part, hint) if clocks else TYPICAL_MINUTE[parts[0].name]
        start = _later_today(start, clocks, day, at) if part is None else start
        end = None
    elif day is not None:
        return _whole_day(day, at, ambiguous)
    else:
        return None
    on = _day_of(start, day, at)
    begin = moment(on, start, at.zone, at.now)
    if end is None or (length and length.minutes):
        return _lasting(begin, length, at, ambiguous=ambiguous)
    return ResolvedTime(begin, moment(on, end, at.zone, begin), True, ambiguous, begin < at.now)


def reminder_time(
    expressions: Sequence[Expression], at: Moment, hint: HourHint
) -> ResolvedTime | None:
    """Return when to remind; without a time of day, in the morning or later today."""
    if any(isinstance(p, _REFUSED) for p in expressions):
        return None
    offset, days = first_of(expressions, Offset), _all(expressions, Day)
    if offset is not None:
        return _lasting(_after(at, offset), None, at, ambiguous=False)
    if not days or any(
        isinstance(p, Clock | ClockRange | PartOfDay | Instant) for p in expressions
    ):
        return event_time(expressions, at, hint)
    day, ambiguous = _chosen(days)
    if day.kind is DayKind.AHEAD:
        minutes: Iterable[int] = (at.local.hour * 60 + at.local.minute,)
    else:
        minutes, ambiguous = _REMINDER_MINUTES, ambiguous or day.kind is DayKind.TODAY
    times = (moment(day.on, minute, at.zone) for minute in minutes)
    usual = next((time for time in times if time > at.now), None)
    return (
        None
        if usual is None
        else _lasting(usual, None, at, ambiguous=ambiguous)._replace(has_time=False)
    )


def resolve_days(
    expressions: Sequence[Expression], at: Moment
) -> tuple[dt.datetime | None, int] | None:
    """Return the midnight of the first day (None: today) and the number of days.

    None if the expressions do not name days.
    """
    periods, days = _all(expressions, Period), _all(expressions, Day)
    if any(isinstance(p, _REFUSED) for p in expressions) or len(periods) + len(days) > 1:
        return None
    first, count = at.local.date(), 1
    if periods:
        first, count = periods[0].first, periods[0].days
    elif days:
        first = days[0].on
    elif expressions and not all(isinstance(p, PartOfDay) for p in expressions):
        return None
    if not 1 <= count <= MOST_DAYS:
        return None
    start = None if first == at.local.date() else moment(first, 0, at.zone)
    return start, count


def is_now(expressions: Iterable[Expression]) -> bool:
    """Return whether no other day than today is named."""
    return all(
        isinstance(p, PartOfDay) or (isinstance(p, Day) and p.kind is DayKind.TODAY)
        for p in expressions
    )


def _all(expressions: Iterable[Expression], kind: type[P]) -> list[P]:
    return [expression for expression in expressions if isinstance(expression, kind)]


def first_of(expressions: Iterable[Expression], kind: type[P]) -> P | None:
    """Return the first expression of a kind; None: there is none."""
    return next((expression for expression in expressions if isinstance(expression, kind)), None)


def _after(at: Moment, offset: Offset) -> dt.datetime:
    return at.now.replace(microsecond=0) + dt.timedelta(minutes=offset.minutes)


def _lasting(
    start: dt.datetime, length: Duration | None, at: Moment, *, ambiguous: bool
) -> ResolvedTime:
    minutes = DEFAULT_MINUTES if length is None or length.minutes is None else length.minutes
    end = start + dt.timedelta(minutes=max(minutes, 1))
    return ResolvedTime(start, end, True, ambiguous, start < at.now.replace(microsecond=0))


def _whole_day(day: Day, at: Moment, ambiguous: bool) -> ResolvedTime:
    start, end = (moment(day.on, minute, at.zone) for minute in (0, MIDNIGHT_AFTER))
    return ResolvedTime(
        start, end, False, ambiguous or day.kind is not DayKind.DATED, end <= at.now
    )


def _whole_days(period: Period, at: Moment) -> ResolvedTime:
    last = period.first + dt.timedelta(days=period.days)
    start, end = (moment(day, 0, at.zone) for day in (period.first, last))
    return ResolvedTime(start, end, False, False, end <= at.now)


def _chosen(days: Sequence[Day]) -> tuple[Day, bool]:
    """Return the day, and whether it is ambiguous: "Friday 14 March" may be a Saturday."""
    dated = [day for day in days if day.kind in (DayKind.DATED, DayKind.FIXED)]
    chosen = dated[0] if dated else days[0]
    return chosen, chosen.ambiguous or any(day.on != chosen.on for day in days)


def _later_today(minute: int, clocks: Sequence[Clock], day: Day | None, at: Moment) -> int:
    """Add twelve hours if that is still to come today: at 15:00, "at 8" is 20:00."""
    today = day is None or day.kind is DayKind.TODAY
    if not clocks or clocks[0].exact or not today or minute >= HALF_DAY:
        return minute
    over = moment(at.local.date(), minute, at.zone, at.now) <= at.now
    return minute + HALF_DAY if over and minute else minute


def _day_of(minute: int, day: Day | None, at: Moment) -> dt.date:
    """Return the day that is named, or the next one on which the time is still to come."""
    today = at.local.date()
    if day is None:
        over = moment(today, minute, at.zone, at.now) <= at.now
        return today + dt.timedelta(days=over)
    if day.kind is DayKind.DATED and moment(day.on, minute, at.zone, at.now) < at.now:
        return day.on.replace(year=day.on.year + 1) if _every_year(day.on) else day.on
    return day.on


def _every_year(day: dt.date) -> bool:
    return (day.month, day.day) != (2, 29)


def moment(
    day: dt.date, minute: int, zone: ZoneInfo, not_before: dt.datetime | None = None
) -> dt.datetime:
    """Return the moment in UTC at which clocks show `minute` of `day`.

    When clocks are set forward, a time that they skip is later by as much as they skip: 02:30 is
    03:30. When they are set back, a time that they show twice is the first of the two, unless only
    the second one is at or after `not_before`.

    Raises:
        OverflowError: It is after the last year that there is.
    """
    days, minute = divmod(minute, MIDNIGHT_AFTER)
    naive = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(*divmod(minute, 60)))
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if not_before is not None and first < not_before <= second:
        return second
    return first
