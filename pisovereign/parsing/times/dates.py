"""Dates with a day and a month, which a library parses."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

# Where the month comes first in 3/4: the United States' zones, as far as their names tell.
_MONTH_FIRST = re.compile(
    r"US/|America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise|Juneau"
    r"|Indiana/|Kentucky/|North_Dakota/|Adak|Nome|Sitka|Menominee)|Pacific/Honolulu"
)
_HAS_YEAR = re.compile(r"\b\d{4}\b|[./-]\d{2,4}$")
_NUMBERS = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4}))?[./]?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
# Other years are mistakes, and the very last ones leave no room for a change of zone.
FIRST_YEAR, LAST_YEAR = 1971, 2198
_LEAP_YEAR = 2028
_YEARS_AHEAD = 9  # 29 February may be that far away


class DateParser:
    """Parses dates in one language. The library is used for complete dates only.

    Its own search for times in a sentence takes "mit" for Wednesday, and finds only the day of
    "morgen um 15 Uhr".
    """

    def __init__(self, language: str) -> None:
        self._parsers = {
            order: DateDataParser(
                languages=[language],
                settings={
                    "DATE_ORDER": order,
                    "STRICT_PARSING": True,
                    "PARSERS": ["absolute-time"],
                    "PREFER_LOCALE_DATE_ORDER": False,
                },
            )
            for order in ("DMY", "MDY")
        }
        # The first call takes a hundred times as long as others.
        for order in self._parsers:
            self._library("3 May 2028", order)
            self._library("3/5/2028", order)

    def parse(self, text: str, today: dt.date, zone: ZoneInfo) -> tuple[dt.date, bool] | None:
        """Return the date, and whether its year was given; else it is the next one from `today` on.

        None if there is no such date, or its year is a mistake.
        """
        text = text.strip(" ,")
        if _ISO.fullmatch(text):
            return _iso(text)
        order = "MDY" if _MONTH_FIRST.match(zone.key or "") and "/" in text else "DMY"
        if _HAS_YEAR.search(text.rstrip(".")) and not _without_year(text):
            return _in_reach(self._library(text, order))
        # The library gets a year that has every day; which year is meant is decided here.
        found = self._library(_with_year(text, _LEAP_YEAR), order)
        return None if found is None else (_next(found, today), False)

    def _library(self, text: str, order: str) -> dt.date | None:
        found = self._parsers[order].get_date_data(text)
        return found.date_obj.date() if found.date_obj else None


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
