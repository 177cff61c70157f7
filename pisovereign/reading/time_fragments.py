"""Times in a few words that are no command by themselves, and what they change in a known time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.reading.times.ambiguity import (
    HALF_DAY,
    TYPICAL_MINUTE,
    HourHint,
    resolve_minute,
    resolve_range,
)
from pisovereign.reading.times.expressions import (
    MIDNIGHT_AFTER,
    Clock,
    ClockRange,
    Day,
    DayPart,
    Duration,
    Instant,
    Invalid,
    Offset,
    PartOfDay,
    Past,
    Period,
    Recurring,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.times.resolution import (
    Moment,
    event_time,
    first_of,
    moment,
    reminder_time,
    resolve_days,
)

_TIMED = (Clock, ClockRange, PartOfDay, Offset, Instant)


class Span(NamedTuple):
    """When something begins and ends, in UTC."""

    start: dt.datetime
    end: dt.datetime


class TimeSlots:
    """The times that the phrases about time in a text stand for.

    Args:
        phrases: The phrases, in their order.
        at: When and where the text was said.

    Attributes:
        phrases: The same.
    """

    def __init__(self, phrases: Sequence[TimePhrase], at: Moment) -> None:
        self.phrases = tuple(phrases)
        self._found = expressions_of(phrases)
        self._at = at

    def read_as(self, other: TimeSlots) -> TimeSlots:
        """Return what other words for it stand for, at the place of the first phrase."""
        first = self.phrases[0]
        return TimeSlots(
            [phrase._replace(start=first.start, end=first.end) for phrase in other.phrases],
            self._at,
        )

    @property
    def said(self) -> Moment:
        """Return when and where the text was said."""
        return self._at

    @property
    def is_empty(self) -> bool:
        """Return whether there is no time."""
        return not self._found

    @property
    def is_usable(self) -> bool:
        """Return whether there is none that is over, is none, or comes again and again."""
        return not any(isinstance(e, Past | Recurring | Invalid) for e in self._found)

    @property
    def has_time(self) -> bool:
        """Return whether a time of day is given, or how long from now."""
        return any(isinstance(e, _TIMED) for e in self._found)

    @property
    def minutes(self) -> float | None:
        """Return how long something is to take; None: nothing says so."""
        length = first_of(self._found, Duration)
        if length is not None:
            return length.minutes
        offset = first_of(self._found, Offset)
        return None if offset is None else offset.minutes

    @property
    def is_length(self) -> bool:
        """Return whether it is nothing but a length."""
        return bool(self._found) and all(isinstance(e, Duration) for e in self._found)

    def reminder(self) -> dt.datetime | None:
        """Return when to remind; None: the words do not say it, or the time is over."""
        when = reminder_time(self._found, self._at, HourHint.NONE) if self.is_usable else None
        return None if when is None or when.is_past else when.start

    def event(self) -> Span | None:
        """Return when an event is; None: the words do not say it, or it is over."""
        when = event_time(self._found, self._at, HourHint.NONE) if self.is_usable else None
        return None if when is None or when.is_past else Span(when.start, when.end)

    def days(self) -> tuple[dt.datetime | None, int] | None:
        """Return the first midnight (None: today's) and a number of days; None: no days."""
        return resolve_days(self._found, self._at) if self._found else None

    def date(self) -> dt.date | None:
        """Return the only day that is named; None: there is none, or there are several."""
        days = self.days()
        if days is None or days[1] != 1:
            return None
        return (days[0] or self._at.now).astimezone(self._at.zone).date()

    def fits(self, when: dt.datetime) -> bool:
        """Return whether a time is one that the words may mean: "the one at nine"."""
        local = when.astimezone(self._at.zone)
        minute = local.hour * 60 + local.minute
        for found in self._found:
            match found:
                case Day(on=on) if on != local.date():
                    return False
                case Period(first=first, days=days):
                    if not 0 <= (local.date() - first).days < days:
                        return False
                case Clock() if minute not in _candidates(found):
                    return False
                case PartOfDay(name=part) if abs(minute - TYPICAL_MINUTE[part]) > 3 * 60:
                    return False
                case Offset() | Duration() | ClockRange() | Instant():
                    return False
        return self.is_usable and bool(self._found)

    @property
    def clocks(self) -> list[str]:
        """Return the times of day that may be meant, as `09:00`."""
        minutes = (m for e in self._found if isinstance(e, Clock) for m in _candidates(e))
        return [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]

    def shows(self, clock: dt.time) -> bool:
        """Return whether a time of day is named that a clock of twelve hours shows so."""
        minute = clock.hour * 60 + clock.minute
        return any(isinstance(e, Clock) and minute in _candidates(e) for e in self._found)

    def moved(self, old: dt.datetime) -> dt.datetime | None:
        """Return a time with what the words say of it changed, in UTC; None: that is no time.

        What they do not say stays: "Friday" keeps the time of day, "at 8" the day. An hour that the
        clock shows twice a day is the one that is nearer to the old time, if it is to come.
        """
        if not self.is_usable:
            return None
        if (instant := first_of(self._found, Instant)) is not None:
            return instant.at.astimezone(dt.UTC)
        if (offset := first_of(self._found, Offset)) is not None:
            return self._at.now.replace(microsecond=0) + dt.timedelta(minutes=offset.minutes)
        day, minutes = first_of(self._found, Day), self._minutes_near(old)
        if day is None and minutes is None:
            return None
        local = old.astimezone(self._at.zone)
        on = local.date() if day is None else day.on
        choices = [local.hour * 60 + local.minute] if minutes is None else minutes
        times = [moment(on, minute, self._at.zone) for minute in choices]
        coming = [time for time in times if time > self._at.now]
        if coming or day is not None:
            return (coming or times)[0]
        following = self._at.local.date() + dt.timedelta(days=1)
        return moment(following, choices[0], self._at.zone)

    def end(self, start: dt.datetime) -> dt.datetime | None:
        """Return when something ends that begins at `start`; None: the words do not say it."""
        if (span := first_of(self._found, ClockRange)) is not None:
            first, last = resolve_range(span.first, span.last, self._part(), HourHint.NONE)
            return start + dt.timedelta(minutes=last - first)
        length = first_of(self._found, Duration)
        if length is None or not length.minutes:
            return None
        return start + dt.timedelta(minutes=length.minutes)

    def _minutes_near(self, old: dt.datetime) -> list[int] | None:
        """Return the minutes of the day that may be meant, the best first; None: no time of day."""
        part = self._part()
        if (span := first_of(self._found, ClockRange)) is not None:
            return [resolve_range(span.first, span.last, part, HourHint.NONE)[0]]
        clock = first_of(self._found, Clock)
        if clock is None:
            return None if part is None else [TYPICAL_MINUTE[part]]
        if part is not None:
            return [resolve_minute(clock, part, HourHint.NONE)]
        local = old.astimezone(self._at.zone)
        minute = local.hour * 60 + local.minute
        return sorted(_candidates(clock), key=lambda choice: abs(choice - minute))

    def _part(self) -> DayPart | None:
        part = first_of(self._found, PartOfDay)
        return None if part is None else part.name


def _candidates(clock: Clock) -> tuple[int, ...]:
    if clock.exact:
        return (clock.minute % MIDNIGHT_AFTER,)
    early = clock.minute % HALF_DAY
    return (early, early + HALF_DAY)
