"""Moments that are counted from when something else is: "the evening before", "an hour before"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pisovereign.reading.time_fragments import TimeSlots
from pisovereign.reading.times.ambiguity import TYPICAL_MINUTE, HourHint, resolve_minute
from pisovereign.reading.times.expressions import (
    Clock,
    Day,
    DayKind,
    DayPart,
    Duration,
    Offset,
    PartOfDay,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.resolution import moment

_SOON = dt.timedelta(hours=1)
"""How long before something one is reminded whose own part of the day has just begun."""
_SAME_PART = dt.timedelta(hours=3)
"""How long before the usual hour of a part of the day something still belongs to it."""


class RelativeTime(NamedTuple):
    """A moment that is counted from when something else is.

    Attributes:
        minutes: How many minutes after it; negative: before it. None: it is counted in days.
        days: How many days before its day; negative: after it.
        part: The part of that day.
        clock: The time of that day.
    """

    minutes: float | None = None
    days: int = 0
    part: DayPart | None = None
    clock: Clock | None = None

    @property
    def reversed(self) -> RelativeTime:
        """Return the moment that is as long after the other as this one is before it."""
        minutes = None if self.minutes is None else -self.minutes
        return self._replace(minutes=minutes, days=-self.days)

    @property
    def is_after(self) -> bool:
        """Return whether it comes after the other."""
        return self.days < 0 or (self.minutes or 0) > 0

    def of(self, at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
        """Return the moment, in UTC.

        Where no time of day is said, another day has that of the other thing. Something at midnight
        takes the whole day: minutes are counted from its beginning, and days have the usual hour.

        Args:
            at: When the other thing is.
            zone: Where the user is, which decides what a day is.
        """
        if self.minutes is not None:
            return at.astimezone(dt.UTC) + dt.timedelta(minutes=self.minutes)
        local = at.astimezone(zone)
        day = local.date() - dt.timedelta(days=self.days)
        if self.clock is not None:
            return moment(day, resolve_minute(self.clock, self.part, HourHint.NONE), zone)
        takes_whole_day = at == moment(local.date(), 0, zone)
        if self.part is None and self.days and not takes_whole_day:
            return moment(day, local.hour * 60 + local.minute, zone)
        usual = moment(day, TYPICAL_MINUTE[self.part or DayPart.MORNING], zone)
        if self.days or takes_whole_day or at > usual:
            return usual
        # "That morning" is before what is at eight; "that evening" is said of what is at noon, too.
        early = self.part in (None, DayPart.MORNING) or usual - at <= _SAME_PART
        return at.astimezone(dt.UTC) - _SOON if early else usual


THAT_DAY = RelativeTime()
DAY_BEFORE = RelativeTime(days=1)
TWO_DAYS_BEFORE = RelativeTime(days=2)
EVENING_BEFORE = RelativeTime(days=1, part=DayPart.EVENING)


def length_before(ahead: TimeSlots) -> RelativeTime | None:
    """Return the moment that is a length before something; None: it is no length.

    Args:
        ahead: The length as a time from now, and nothing else.
    """
    match expressions_of(ahead.phrases):
        case [Offset(minutes=minutes)] if minutes > 0:
            return RelativeTime(minutes=-minutes)
        case [Day(kind=DayKind.AHEAD, on=on)]:
            today = ahead.said.local.date()
            # A month before something is seldom as long as the one that begins today.
            of_months = on.day == today.day
            return None if of_months else RelativeTime(days=(on - today).days)
    return None


def part_of_that_day(of_a_day: TimeSlots) -> RelativeTime | None:
    """Return the moment that is a part of the day of something; None: it is no part of a day.

    Args:
        of_a_day: A day with what may be the part, and nothing else.
    """
    match expressions_of(of_a_day.phrases):
        case [Day(), PartOfDay(name=name)]:
            return RelativeTime(part=name)
    return None


def with_time_of_day(
    when: RelativeTime, times: TimeSlots, is_own: Callable[[int, int], bool]
) -> RelativeTime | None:
    """Return a moment with the time of day that is said beside it; None: they do not fit.

    Args:
        when: The moment.
        times: The phrases about time in the message that says it.
        is_own: Whether one that begins and ends at some position is among the words for it.
    """
    beside = [phrase for phrase in times.phrases if not is_own(phrase.start, phrase.end)]
    own = [phrase for phrase in times.phrases if is_own(phrase.start, phrase.end)]
    if not all(_is_same(phrase, when) for phrase in own):
        return None
    match expressions_of(beside):
        case []:
            return when
        case [Clock() as clock]:
            new = when._replace(clock=clock)
        case [PartOfDay(name=part)]:
            new = when._replace(part=part)
        case [Clock() as clock, PartOfDay(name=part)] | [PartOfDay(name=part), Clock() as clock]:
            new = when._replace(clock=clock, part=part)
        case _:
            return None
    return new if when.minutes is None else None


def _is_same(phrase: TimePhrase, when: RelativeTime) -> bool:
    """Return whether a phrase about time says nothing but what is counted already."""
    match phrase.expressions:
        # A bare "une heure" is also a time of day, and a bare "Morgen" also a day.
        case (Duration() | Clock() | PartOfDay() | Day(kind=DayKind.RELATIVE),):
            return True
        case (Day(kind=DayKind.TODAY), PartOfDay()):  # "ce matin-là"
            return when.minutes is None and when.days == 0
    return False
