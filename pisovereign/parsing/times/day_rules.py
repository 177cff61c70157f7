"""Phrases about a day, or about several."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from pisovereign.parsing.times.context import Context
from pisovereign.parsing.times.groups import Groups
from pisovereign.parsing.times.pieces import Day, DayKind, Part, Period, Piece

Pieces = tuple[Piece, ...]
_LONGEST_AHEAD = 3660
_LONGEST_PERIOD = 366
_DAY = re.compile(r"(\d+)(?:\.|st|nd|rd|th)?")


def relative(context: Context, said: Groups) -> Pieces:
    """Tomorrow, heute Abend."""
    ahead = context.language.days[said["day"]]
    kind = DayKind.RELATIVE if ahead else DayKind.TODAY
    return (Day(context.today + dt.timedelta(days=ahead), kind), *_part(context, said))


def ahead(context: Context, said: Groups) -> Pieces:
    """In three weeks."""
    day = _later(context.today, context.lengths.number(said["n"]), said["unit"])
    return () if day is None else (Day(day, DayKind.AHEAD),)


def weekday(context: Context, said: Groups) -> Pieces:
    """Friday, next Friday, Freitag nächster Woche.

    The plain name is the next such day after today. With "next" it is the one of the next week,
    from Monday on; if it is still to come this week, some mean that one.
    """
    language, today = context.language, context.today
    number = next(n for word, n in language.weekdays.items() if said["wd"].startswith(word))
    nearest = (number - today.weekday()) % 7
    next_week = 7 - today.weekday() + number
    modifier = said.get("mod", "")
    days, doubt = nearest or 7, False
    if "week" in said:
        days = next_week
    elif modifier.startswith(language.following):
        days, doubt = next_week, 0 < nearest != next_week
    elif modifier.startswith(language.this):
        days = nearest
    day = Day(today + dt.timedelta(days=days), DayKind.WEEKDAY, doubt)
    return (day, *_part(context, said))


def date(context: Context, said: Groups) -> Pieces:
    """24 December, with a year or without."""
    read = context.dates.read(said["date"], context.today, context.zone)
    if read is None:
        return ()
    return (Day(read[0], DayKind.FIXED if read[1] else DayKind.DATED),)


def dates(context: Context, said: Groups) -> Pieces:
    """From 3 to 7 August: whole days, the last one included."""
    last = context.dates.read(said["last"], context.today, context.zone)
    alone = _DAY.fullmatch(said["first"])
    if last is not None and alone:
        first = _same_month(last[0], int(alone[1]))
    else:
        read = context.dates.read(said["first"], context.today, context.zone)
        first = read[0] if read else None
    if last is None or first is None:
        return ()
    days = (last[0] - first).days + 1
    return (Period(first, days, dated=True),) if 1 < days <= _LONGEST_PERIOD else ()


def holiday(context: Context, said: Groups) -> Pieces:
    """Silvester."""
    month, day = context.language.holidays[said["holiday"]]
    on = dt.date(context.today.year, month, day)
    return (Day(on if on >= context.today else on.replace(year=on.year + 1), DayKind.DATED),)


def day_of_month(context: Context, said: Groups) -> Pieces:
    """The 5th: the next one that there is."""
    first, wanted = context.today.replace(day=1), int(said["d"])
    for _ in range(4):
        long_enough = wanted <= calendar.monthrange(first.year, first.month)[1]
        if long_enough and first.replace(day=wanted) >= context.today:
            return (Day(first.replace(day=wanted), DayKind.RELATIVE),)
        first = _next_month(first)
    return ()


def period(context: Context, said: Groups) -> Pieces:
    """The next five days, this week, the weekend."""
    today = context.today
    monday = today - dt.timedelta(days=today.weekday())
    if "weekend" in said:
        following = said["weekend"].startswith(context.language.following)
        first = max(monday + dt.timedelta(days=12 if following else 5), today)
        return (Period(first, 7 - first.weekday()),)
    unit = context.language.day_units.get(said["unit"][0])  # none for years
    if "n" in said or (unit == "day" and "next" in said):
        last = _later(today, context.lengths.number(said.get("n", "1")), said["unit"])
        return () if last is None else (Period(today, (last - today).days),)
    if unit is None:
        return ()
    following = "next" in said
    if unit == "week":
        first = monday + dt.timedelta(days=7) if following else today
        return (Period(first, 7 - first.weekday()),)
    first = _next_month(today) if following else today
    return (Period(first, (_next_month(first) - first).days),)


def _part(context: Context, said: Groups) -> Pieces:
    return (Part(context.language.parts[said["part"]]),) if "part" in said else ()


def _later(day: dt.date, count: float, unit: str) -> dt.date | None:
    """`day`, so many units later; None when that is out of all reason."""
    if unit.startswith(("d", "t")):
        days = int(count)
    elif unit.startswith("f"):
        days = int(count * 14)
    elif unit.startswith("w"):
        days = int(count * 7)
    else:
        months = int(count * (12 if unit.startswith(("y", "j")) else 1))
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
