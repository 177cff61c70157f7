"""Texts of one language, and how it tells days and times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Clock(NamedTuple):
    """Now, and the zone that times are told in."""

    now: dt.datetime
    zone: ZoneInfo

    def date(self, moment: dt.datetime) -> dt.date:
        """Return the day of a moment in the zone."""
        return moment.astimezone(self.zone).date()

    def days_ahead(self, moment: dt.datetime) -> int:
        """Return how many midnights away a moment is: 0 is today, 1 tomorrow."""
        return (self.date(moment) - self.date(self.now)).days

    def time(self, moment: dt.datetime) -> str:
        """Return the time of a moment in the zone, as `09:00`."""
        return f"{moment.astimezone(self.zone):%H:%M}"


class Messages:
    """What is said in one language.

    Args:
        texts: By key; what stands in braces is put in by whoever says them.
        weekdays: The names of the days, from Monday.
        months: The names of the months.
        near_days: What days are called that are so many midnights away.
        date: A day, made of `weekday`, `day`, `month` (its name) and `number` (of the month).
        short_date: The same, shorter.
    """

    def __init__(
        self,
        *,
        texts: Mapping[str, str],
        weekdays: Sequence[str],
        months: Sequence[str],
        near_days: Mapping[int, str],
        date: str,
        short_date: str,
    ) -> None:
        self.texts = texts
        self._weekdays = weekdays
        self._months = months
        self._near_days = near_days
        self._date = date
        self._short_date = short_date

    def say(self, key: str, **values: object) -> str:
        """Return a text with values in it. Braces within values stay what they are."""
        return self.texts[key].format(**values)

    def day(self, moment: dt.datetime, clock: Clock) -> str:
        """Return `today`, or `Friday, 12 June`, with the year when it is not this one."""
        date = clock.date(moment)
        near = self._near_days.get(clock.days_ahead(moment))
        if near is not None:
            return near
        this_year = date.year == clock.date(clock.now).year
        return self._written(self._date, date) if this_year else self.full_date(date)

    def moment(self, moment: dt.datetime, clock: Clock) -> str:
        """Return `tomorrow at 09:00`."""
        return self.say("moment", day=self.day(moment, clock), time=clock.time(moment))

    def full_date(self, date: dt.date) -> str:
        """Return `Friday, 12 June 2026`."""
        return f"{self._written(self._date, date)} {date.year}"

    def short_date(self, date: dt.date) -> str:
        """Return `Fri 12 Jun`."""
        return self._written(self._short_date, date)

    def _written(self, pattern: str, date: dt.date) -> str:
        return pattern.format(
            weekday=self._weekdays[date.weekday()],
            day=date.day,
            month=self._months[date.month - 1],
            number=date.month,
        )
