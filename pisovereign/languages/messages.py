"""The texts of a language, and how it writes days and times.

They are data, in `<language>/messages.toml`, and what only one action says in the file of that
action. docs/decisions/0006-messages.md says why neither gettext nor Babel is used.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.languages import Language, load_data
from pisovereign.languages.actions import load_actions, merged

# The section whose texts actions add theirs to.
_ACTIONS = "actions"


class Clock(NamedTuple):
    """Now, and the zone in which times are given."""

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


class Dates(msgspec.Struct, frozen=True):
    """The words and patterns of dates.

    Attributes:
        weekdays: The names of the days, from Monday.
        months: The names of the months.
        near_days: What days are called that are so many midnights away.
        date: A day, made of `weekday`, `day`, `month` (its name) and `number` (of the month).
        short_date: The same, shorter.
        day_month: A day of any year.
        days: What days of the month are called that are more than their number: "1er".
        time: A time of day, made of `hour` and `minute`.
        full_hour: The same where the minute is 0; empty: it is no different.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    near_days: dict[int, str]
    date: str
    short_date: str
    day_month: str = "{day} {month}"
    days: dict[int, str] = {}
    time: str = "{hour:02}:{minute:02}"
    full_hour: str = ""


class Messages:
    """Texts in one language, by key; values are put in for what stands in braces."""

    def __init__(self, texts: Mapping[str, str], dates: Dates) -> None:
        self.texts = texts
        self._dates = dates

    def say(self, key: str, /, *ordered: object, **named: object) -> str:
        """Return a text with values in it. Braces within values stay what they are."""
        return self.texts[key].format(*ordered, **named)

    def calendar_words(self) -> tuple[str, ...]:
        """Return the names of days and months, and what near days are called."""
        dates = self._dates
        return (*dates.weekdays, *dates.months, *dates.near_days.values())

    def day(self, moment: dt.datetime, clock: Clock) -> str:
        """Return `today`, or `Friday, 12 June`, with the year if it is not this one."""
        date = clock.date(moment)
        near = self._dates.near_days.get(clock.days_ahead(moment))
        if near is not None:
            return near
        this_year = date.year == clock.date(clock.now).year
        return self._write(self._dates.date, date) if this_year else self.full_date(date)

    def moment(self, moment: dt.datetime, clock: Clock) -> str:
        """Return `tomorrow at 09:00`."""
        return self.say("moment", day=self.day(moment, clock), time=self.time(moment, clock))

    def time(self, moment: dt.datetime, clock: Clock) -> str:
        """Return `09:00`."""
        at, dates = moment.astimezone(clock.zone), self._dates
        pattern = dates.full_hour if at.minute == 0 and dates.full_hour else dates.time
        return pattern.format(hour=at.hour, minute=at.minute)

    def full_date(self, date: dt.date) -> str:
        """Return `Friday, 12 June 2026`."""
        return f"{self._write(self._dates.date, date)} {date.year}"

    def short_date(self, date: dt.date) -> str:
        """Return `Fri 12 Jun`."""
        return self._write(self._dates.short_date, date)

    def day_of_year(self, date: dt.date) -> str:
        """Return `12 June`."""
        return self._write(self._dates.day_month, date)

    def _write(self, pattern: str, date: dt.date) -> str:
        return pattern.format(
            weekday=self._dates.weekdays[date.weekday()],
            day=self._dates.days.get(date.day, str(date.day)),
            month=self._dates.months[date.month - 1],
            number=date.month,
        )


@functools.cache
def load_messages(language: Language, section: str) -> Messages:
    """Return the texts of a section of the language's data file, and of actions what they say.

    Raises:
        ValueError: Two files have a text of the same key.
    """
    data = load_data(language, "messages")
    dates = msgspec.convert(data["dates"], Dates, str_keys=True)
    texts = msgspec.convert(data[section], dict[str, str])
    if section == _ACTIONS:
        texts = merged((texts, *(words.messages for words in load_actions(language).values())))
    return Messages(texts, dates)
