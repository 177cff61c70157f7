"""What the reader of times has to know of a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pisovereign.parsing.times.pieces import PartName


class TimeLanguage(NamedTuple):
    """Words and patterns of one language; all in small letters.

    Attributes:
        name: as the library of dates calls it.
        rules: patterns by the name of the function in `reader` that reads them; the first that
            matches at a place is taken. Their groups are what that function asks for.
        clock: a time of day, also without anything that tells it from a number.
        amounts: one number and its unit in a length.
        numbers: numbers in words.
        units: minutes of each unit of a length, by its first letter.
        quarters: lengths that are no number and unit.
        day_units: day, week or month, by its first letter.
        before: words for a time before the hour: quarter "to".
        days: how many days from today.
        weekdays: Monday is 0; by their first letters.
        parts: parts of the day.
        holidays: month and day.
        exact_from: the first hour that is meant as it is when minutes or "Uhr" are said with it;
            earlier ones may be in the afternoon.
        minutes_exact: a time that is written with its minutes is one of 24 hours.
        following: words for the weekday of the week after.
        this: words for the weekday of this week.
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
    parts: Mapping[str, PartName]
    holidays: Mapping[str, tuple[int, int]]
    exact_from: int
    minutes_exact: bool
    following: tuple[str, ...]
    this: tuple[str, ...]


def either(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"
