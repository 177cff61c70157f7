"""When something that repeats comes next, by the clock on the user's wall.

Each time is counted from the first one: what is to come on the 31st comes on the last day of
shorter months, and on the 31st again afterwards. A time that the change to summer time skips is
that much later on this day; of one that there is twice, the first counts.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from pisovereign.reminders.repeat import Repeat

_DAY = dt.timedelta(days=1)
_SATURDAY = 5


def next_occurrence(
    first: dt.datetime, repeat: Repeat, zone: ZoneInfo, after: dt.datetime
) -> dt.datetime:
    """Return the first time of a series that is later than `after`, in UTC.

    Args:
        first: The time that the series is counted from; aware.
        repeat: How often it comes.
        zone: Where its time of day and its days are meant.
        after: Some moment; aware.
    """
    start = first.astimezone(zone)
    # One day early, as the change of the clock may have moved a time over midnight.
    begin = max(start.date(), after.astimezone(zone).date() - _DAY)
    for day in _days(start.date(), repeat, begin):
        moment = _at(day, start.time(), zone)
        if moment > after and moment >= first:
            return moment
    raise AssertionError("a series has no end")


def first_occurrence(moment: dt.datetime, repeat: Repeat, zone: ZoneInfo) -> dt.datetime:
    """Return the first time from `moment` on: `weekdays` does not begin on a Sunday."""
    day = moment.astimezone(zone).date()
    if next(_days(day, repeat, day)) == day:
        return moment
    return next_occurrence(moment, repeat, zone, moment)


def _at(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time.replace(fold=0), zone).astimezone(dt.UTC)


def _days(start: dt.date, repeat: Repeat, begin: dt.date) -> Iterator[dt.date]:
    """Yield the days of a series from `begin` on, which is not before its start."""
    if repeat == "monthly":
        months = itertools.count((begin.year * 12) + begin.month - 1)
        candidates = (_in_month(number // 12, number % 12 + 1, start.day) for number in months)
    elif repeat == "yearly":
        years = itertools.count(begin.year)
        candidates = (_in_month(year, start.month, start.day) for year in years)
    else:
        days = (begin + number * _DAY for number in itertools.count())
        candidates = (day for day in days if _fits(day, start, repeat))
    return (day for day in candidates if day >= begin)


def _in_month(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _fits(day: dt.date, start: dt.date, repeat: Repeat) -> bool:
    match repeat:
        case "weekdays":
            return day.weekday() < _SATURDAY
        case "weekends":
            return day.weekday() >= _SATURDAY
        case "weekly":
            return day.weekday() == start.weekday()
        case _:
            return True
