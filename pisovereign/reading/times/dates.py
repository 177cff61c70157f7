"""Dates with a day and a month."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

# Where the month comes first in 3/4: the United States' zones, as far as their names tell.
_MONTH_FIRST = re.compile(
    r"US/|America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise|Juneau"
    r"|Indiana/|Kentucky/|North_Dakota/|Adak|Nome|Sitka|Menominee)|Pacific/Honolulu"
)
_HAS_YEAR = re.compile(r"\b\d{4}\b|[./-]\d{2,4}$")
_NUMBERS = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4}))?[./]?")
_COMPLETE = re.compile(r"(\d{1,2})[./] ?(\d{1,2})[./] ?(\d{4}|\d\d)\.?")
_DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_WORD = re.compile(r"[^\W\d]+")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
# Other years are mistakes, and the very last ones leave no room for a change of zone.
FIRST_YEAR, LAST_YEAR = 1971, 2198
_LEAP_YEAR = 2028
_MONTHS = 12
# As POSIX reads a year of two digits.
_CENTURY, _LAST_CENTURY, _OF_LAST_CENTURY = 100, 1900, 69
_YEARS_AHEAD = 9  # 29 February may be that far away


class DateParser:
    """Reads dates in one language, in the forms that its patterns let through.

    Args:
        months: How the names of months begin, in lower case, and the months' numbers.
    """

    def __init__(self, months: Mapping[str, int]) -> None:
        # The longest first: "juil" is not "jui".
        self._months = sorted(months.items(), key=lambda month: len(month[0]), reverse=True)

    def parse(self, text: str, today: dt.date, zone: ZoneInfo) -> tuple[dt.date, bool] | None:
        """Return the date, and whether its year was given; else it is the next one from `today` on.

        None if there is no such date, or its year is a mistake.
        """
        text = text.strip(" ,")
        if _ISO.fullmatch(text):
            return _iso(text)
        order = "MDY" if _MONTH_FIRST.match(zone.key or "") and "/" in text else "DMY"
        if _HAS_YEAR.search(text.rstrip(".")) and not _without_year(text):
            return _in_reach(self._read(text, order))
        # Read in a year that has every day; which year is meant is decided afterwards.
        found = self._read(_with_year(text, _LEAP_YEAR), order)
        return None if found is None else (_next(found, today), False)

    def _read(self, text: str, order: str) -> dt.date | None:
        """Return a date that is complete; None: there is no such day."""
        if numbers := _COMPLETE.fullmatch(text):
            day, month, year = (int(numbers[at]) for at in (1, 2, 3))
            # Where that gives no month, somebody wrote it the other way round.
            if (order == "MDY" or month > _MONTHS) and day <= _MONTHS:
                day, month = month, day
            if len(numbers[3]) == 2:
                year += _LAST_CENTURY if year >= _OF_LAST_CENTURY else _LAST_CENTURY + _CENTURY
        else:
            found = _DAY.search(text)
            if found is None:
                return None
            day, month, year = int(found[0]), self._month(text), int(text[-4:])
        with contextlib.suppress(ValueError):
            return dt.date(year, month, day)
        return None

    def _month(self, text: str) -> int:
        """Return the number of the month that a date names; 0: it names none."""
        words = _WORD.findall(text)
        return next(
            (
                number
                for name, number in self._months
                if any(word.startswith(name) for word in words)
            ),
            0,
        )


def _iso(text: str) -> tuple[dt.date, bool] | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return _in_reach(found)


def _in_reach(day: dt.date | None) -> tuple[dt.date, bool] | None:
    """Return a day whose year was given, unless that is a mistake."""
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return day, True


def _next(day: dt.date, today: dt.date) -> dt.date:
    """Return the next occurrence of this day, in whatever year."""
    for year in range(today.year, today.year + _YEARS_AHEAD):
        with contextlib.suppress(ValueError):  # 29 February
            if (found := day.replace(year=year)) >= today:
                return found
    return day


def _without_year(text: str) -> bool:
    numbers = _NUMBERS.fullmatch(text)
    return bool(numbers and numbers[3] is None)


def _with_year(text: str, year: int) -> str:
    numbers = _NUMBERS.fullmatch(text)
    if numbers:
        return f"{numbers[1]}/{numbers[2]}/{year}"
    return f"{text} {year}"
