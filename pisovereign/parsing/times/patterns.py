"""Patterns for the time expressions of a language, and the named groups in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pisovereign.parsing.times.expressions import DayPart

# A name may occur several times in a pattern, told apart by digits at its end.
Groups = dict[str, str]
_NAME = re.compile(r"\(\?P<\w+>")


class TimePatterns(NamedTuple):
    """Words and patterns of one language, all in lower case.

    Attributes:
        name: As the library for dates calls it.
        rules: Patterns by the name of the function in `rules` that interprets them; the first one
            that matches at a position wins. Their groups are what that function asks for.
        clock: A time of day, also without anything that tells it from a number.
        amounts: One number and its unit in a length.
        numbers: Numbers in words.
        units: Minutes of each unit of a length, by its first letter.
        quarters: Lengths that are no number and unit.
        day_units: Day, week or month, by its first letter.
        before: Words for a time before the hour: quarter "to".
        days: How many days from today.
        weekdays: Weekdays by their first letters; Monday is 0.
        parts: Parts of the day.
        holidays: Month and day.
        exact_from: The first hour that is unambiguous if minutes or "Uhr" are given with it;
            earlier ones may be in the afternoon.
        minutes_exact: Whether a time with its minutes is one of 24 hours.
        following: Words for the weekday of the next week.
        this: Words for the weekday of this week.
    """

    name: str
    rules: Mapping[str, str]
    clock: str
    amounts: str
    numbers: Mapping[str, float]
    units: Mapping[str, int]
    quarters: Mapping[str, int]
    day_units: Mapping[str, Literal["day", "week", "month"]]
    before: tuple[str, ...]
    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    parts: Mapping[str, DayPart]
    holidays: Mapping[str, tuple[int, int]]
    exact_from: int
    minutes_exact: bool
    following: tuple[str, ...]
    this: tuple[str, ...]


def either(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def groups_of(match: re.Match[str]) -> Groups:
    """Return what was matched, by name without digits; groups without a match are left out."""
    return {k.rstrip("0123456789"): v for k, v in match.groupdict().items() if v is not None}


def unnamed(pattern: str) -> str:
    """Return the pattern without names."""
    return _NAME.sub("(?:", pattern)
