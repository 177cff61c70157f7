"""The parts of a phrase about time, before they are resolved to a moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

MIDNIGHT_AFTER = 24 * 60


class DayKind(Enum):
    """How a day was named, which decides whether it may be another one."""

    TODAY = "today"
    RELATIVE = "relative"  # tomorrow
    AHEAD = "ahead"  # in three days, at the same time if none is said
    WEEKDAY = "weekday"
    DATED = "dated"  # 24 December: this year or the next
    FIXED = "fixed"  # 24 December 2026


class Day(NamedTuple):
    """A day. `ambiguous`: people mean different days by it."""

    on: dt.date
    kind: DayKind
    ambiguous: bool = False


class Clock(NamedTuple):
    """A time of day in minutes; 24:00 is the midnight that ends the day.

    `exact` is false if it may as well be twelve hours later: "at 3", "half past four".
    `half`: am or pm was given, which counts for "2 to 4pm" as a whole.
    """

    minute: int
    exact: bool
    half: bool = False


class DayPart(Enum):
    """Parts of the day."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


class PartOfDay(NamedTuple):
    """A part of the day; `loose`: the word may also be no time ("morning run")."""

    name: DayPart
    loose: bool = False


class ClockRange(NamedTuple):
    """From one time of day to another; `loose`: it may be other numbers ("7 to 9")."""

    first: Clock
    last: Clock
    loose: bool = False


class Offset(NamedTuple):
    """So many minutes from now."""

    minutes: float


class Duration(NamedTuple):
    """How long something takes, in minutes; None: whole days."""

    minutes: float | None


class Period(NamedTuple):
    """Whole days: "next week". `dated`: they were named, "from 3 to 7 August"."""

    first: dt.date
    days: int
    dated: bool = False


class Instant(NamedTuple):
    """A moment written with its offset."""

    at: dt.datetime


class Past(NamedTuple):
    """Something that is over: yesterday, two days ago."""


class Recurring(NamedTuple):
    """Something that happens again and again: every Monday."""


class Invalid(NamedTuple):
    """A phrase that looks like a time and is none, as 31 February.

    `loose`: it may be something else, unless a day stands right before it ("16:90").
    `weak`: it may be something else where another time is said ("at 25").
    """

    loose: bool = False
    weak: bool = False


Expression = (
    Day
    | Clock
    | PartOfDay
    | ClockRange
    | Offset
    | Duration
    | Period
    | Instant
    | Past
    | Recurring
    | Invalid
)


class TimePhrase(NamedTuple):
    """A phrase about time: what it stands for, and where it is in the sentence."""

    expressions: tuple[Expression, ...]
    start: int
    end: int


def expressions_of(found: Iterable[TimePhrase]) -> list[Expression]:
    """Return all expressions of some phrases."""
    return [expression for phrase in found for expression in phrase.expressions]
