"""What a phrase about time is made of, before it is a time."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import NamedTuple

MIDNIGHT_AFTER = 24 * 60


class DayKind(Enum):
    """How a day was named, which decides whether it may be another one."""

    TODAY = "today"
    RELATIVE = "relative"  # tomorrow, in three days
    WEEKDAY = "weekday"
    DATED = "dated"  # 24 December: this year or the next
    FIXED = "fixed"  # 24 December 2026


class Day(NamedTuple):
    """A day. `doubt`: people mean different days by it."""

    on: dt.date
    kind: DayKind
    doubt: bool = False


class Clock(NamedTuple):
    """A time of day in minutes; 24:00 is the midnight that ends the day.

    `exact` is false when it may as well be twelve hours later: "at 3", "half past four".
    """

    minute: int
    exact: bool


class PartName(Enum):
    """Parts of the day."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


class Part(NamedTuple):
    """A part of the day; `loose`: the word may also be no time ("morning run")."""

    name: PartName
    loose: bool = False


class Span(NamedTuple):
    """From one time of day to another."""

    first: Clock
    last: Clock


class Offset(NamedTuple):
    """So many minutes from now."""

    minutes: float


class Length(NamedTuple):
    """How long something takes, in minutes; None: whole days."""

    minutes: float | None


class Period(NamedTuple):
    """Whole days: "next week"."""

    first: dt.date
    days: int


class Instant(NamedTuple):
    """A moment written with its offset."""

    at: dt.datetime


class Past(NamedTuple):
    """Something that is over: yesterday, two days ago."""


class Repeated(NamedTuple):
    """Something that happens again and again: every Monday."""


Piece = Day | Clock | Part | Span | Offset | Length | Period | Instant | Past | Repeated


class Found(NamedTuple):
    """Pieces that one phrase stands for, and where it is."""

    pieces: tuple[Piece, ...]
    start: int
    end: int
