"""Meanings of phrases about time: one function for each pattern of the same name."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pisovereign.reading.times.clock import AmountParser, ClockParser
from pisovereign.reading.times.dates import FIRST_YEAR, LAST_YEAR, DateParser
from pisovereign.reading.times.expressions import (
    Clock,
    ClockRange,
    Day,
    DayKind,
    DayPart,
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
from pisovereign.reading.times.patterns import DayUnit, Groups, TimePatterns

Expressions = tuple[Expression, ...]
_LONGEST_AHEAD = 3660
_LONGEST_PERIOD = 366
_DAYS_OF: Mapping[DayUnit, int] = {"day": 1, "week": 7, "fortnight": 14}
_DAY = re.compile(r"(\d+)(?:\.|[^\W\d]{1,3})?")


class RuleContext(NamedTuple):
    """The language with its parsers, and when and where something was said."""

    language: TimePatterns
    clocks: ClockParser
    amounts: AmountParser
    dates: DateParser
    today: dt.date
    zone: ZoneInfo


def instant(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "2026-05-04T08:15+02:00"."""
    try:
        at = dt.datetime.fromisoformat(
            f"{groups['date']}T{groups['time']}{groups.get('zone', '').upper()}"
        )
    except ValueError:
        return ()
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return ()
    if at.tzinfo is not None:
        return (Instant(at.astimezone(dt.UTC)),)
    return Day(at.date(), DayKind.FIXED), Clock(at.hour * 60 + at.minute, exact=True)


def repeated(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "every Monday"."""
    return (Recurring(),)


def past(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "two days ago"."""
    return (Past(),)


def offset(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "in twenty minutes"."""
    return (Offset(context.amounts.minutes(groups["length"])),)


def span(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "from two to four"."""
    first, last = context.clocks.parse(groups["a"]), context.clocks.parse(groups["b"])
    return (ClockRange(first, last, loose="loose" in groups),) if first and last else ()


def clock(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "half past four"."""
    parsed = context.clocks.parse(groups["clock"])
    return (parsed,) if parsed else ()


def no_clock(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "at 25:00", "um 9:75" and "from 9 to 25"."""
    return (Invalid(loose="loose" in groups, weak="weak" in groups),)


def part(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "in the evening"."""
    name = groups.get("part") or groups["loose"]
    return (PartOfDay(context.language.parts[name], loose="loose" in groups),)


def this_part(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "this evening"."""
    return Day(context.today, DayKind.TODAY), PartOfDay(context.language.parts[groups["part"]])


def tonight(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "tonight"."""
    return Day(context.today, DayKind.TODAY), PartOfDay(DayPart.EVENING)


def whole(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "all day"."""
    return (Duration(None),)


def length(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "for 90 minutes" and "halbstündig"."""
    if "half" in groups:
        return (Duration(30),)
    if "adjective" in groups:
        unit = context.language.minutes_of(groups["adjective"])
        return (Duration(context.amounts.number(groups["n"]) * unit),)
    return (Duration(context.amounts.minutes(groups["length"])),)


def relative(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "tomorrow" and "heute Abend"."""
    ahead = context.language.days[groups["day"]]
    kind = DayKind.RELATIVE if ahead else DayKind.TODAY
    return (Day(context.today + dt.timedelta(days=ahead), kind), *_part(context, groups))


def ahead(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "in three weeks"."""
    unit = context.language.day_unit(groups["unit"])
    day = _later(context.today, context.amounts.number(groups.get("n", "1")), unit)
    return () if day is None else (Day(day, DayKind.AHEAD),)


def weekday(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "Friday", "next Friday" and "Freitag nächster Woche".

    The name alone is the next such day after today. With "next" it is the one of the next week,
    from Monday on; if it is still to come this week, some people mean that one. "Monday week",
    "lundi en huit" and "Montag in zwei Wochen" count weeks from the next such day.
    """
    today = context.today
    number = context.language.weekdays[groups["weekday"]]
    nearest = (number - today.weekday()) % 7
    next_week = 7 - today.weekday() + number
    days, ambiguous = nearest or 7, False
    if "week" in groups:
        days = next_week
    elif "following" in groups:
        days, ambiguous = next_week, 0 < nearest != next_week
    elif "this" in groups:
        days = nearest
    elif (later := _weeks_after(context, groups)) is not None:
        # On a Monday, "Monday week" is counted from that day or from the next one, and "in two
        # weeks" from today or from the next such day.
        days, ambiguous = nearest + 7 * later, not nearest or "n" in groups
    if days > _LONGEST_AHEAD:
        return ()
    day = Day(today + dt.timedelta(days=days), DayKind.WEEKDAY, ambiguous)
    return (day, *_part(context, groups))


def _weeks_after(context: RuleContext, groups: Groups) -> int | None:
    """Return how many weeks after the next one a weekday is meant; None: nothing says so."""
    if "n" in groups:
        return int(context.amounts.number(groups["n"]))
    return 1 if "week_after" in groups else 2 if "two_weeks_after" in groups else None


def date(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "24 December", with a year or without."""
    parsed = context.dates.parse(groups["date"], context.today, context.zone)
    if parsed is None:
        return ()
    return (Day(parsed[0], DayKind.FIXED if parsed[1] else DayKind.DATED),)


def dates(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "from 3 to 7 August": whole days, the last one included."""
    last = context.dates.parse(groups["last"], context.today, context.zone)
    alone = _DAY.fullmatch(groups["first"])
    if last is not None and alone:
        first = _same_month(last[0], int(alone[1]))
    else:
        parsed = context.dates.parse(groups["first"], context.today, context.zone)
        first = parsed[0] if parsed else None
    if last is None or first is None:
        return ()
    days = (last[0] - first).days + 1
    return (Period(first, days, dated=True),) if 1 < days <= _LONGEST_PERIOD else ()


def holiday(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "Silvester"."""
    month, day = context.language.holidays[groups["holiday"]]
    on = dt.date(context.today.year, month, day)
    return (Day(on if on >= context.today else on.replace(year=on.year + 1), DayKind.DATED),)


def day_of_month(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "the 5th": the next one that there is."""
    first, wanted = context.today.replace(day=1), int(groups["d"])
    for _ in range(4):
        long_enough = wanted <= calendar.monthrange(first.year, first.month)[1]
        if long_enough and first.replace(day=wanted) >= context.today:
            return (Day(first.replace(day=wanted), DayKind.RELATIVE),)
        first = _next_month(first)
    return ()


def period(context: RuleContext, groups: Groups) -> Expressions:
    """Interpret "the next five days", "this week" and "the weekend"."""
    today = context.today
    monday = today - dt.timedelta(days=today.weekday())
    if "weekend" in groups:
        first = max(monday + dt.timedelta(days=12 if "following" in groups else 5), today)
        return (Period(first, 7 - first.weekday()),)
    unit = context.language.day_unit(groups["unit"])
    if "n" in groups or (unit == "day" and "next" in groups):
        last = _later(today, context.amounts.number(groups.get("n", "1")), unit)
        return () if last is None else (Period(today, (last - today).days),)
    if unit not in ("week", "month"):
        return ()
    following = "next" in groups
    if unit == "week":
        first = monday + dt.timedelta(days=7) if following else today
        return (Period(first, 7 - first.weekday()),)
    first = _next_month(today) if following else today
    return (Period(first, (_next_month(first) - first).days),)


def _part(context: RuleContext, groups: Groups) -> Expressions:
    return (PartOfDay(context.language.parts[groups["part"]]),) if "part" in groups else ()


def _later(day: dt.date, count: float, unit: DayUnit) -> dt.date | None:
    """Return the day that many units later; None if that is unreasonably far away."""
    if unit in _DAYS_OF:
        days = int(count * _DAYS_OF[unit])
    else:
        months = int(count * (12 if unit == "year" else 1))
        days = (_months_later(day, months) - day).days if months <= 120 else _LONGEST_AHEAD + 1
    return day + dt.timedelta(days=days) if days <= _LONGEST_AHEAD else None


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _same_month(day: dt.date, number: int) -> dt.date | None:
    try:
        return day.replace(day=number)
    except ValueError:
        return None


def _next_month(day: dt.date) -> dt.date:
    return _months_later(day.replace(day=1), 1)
