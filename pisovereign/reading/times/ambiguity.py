"""Deciding which of two hours is meant by one that the clock shows twice a day."""

from __future__ import annotations

import re
from enum import Enum

from pisovereign.reading.times.expressions import MIDNIGHT_AFTER, Clock, DayPart

HALF_DAY = 12 * 60
# Something that is to happen at "3" or "half past six" happens while people are awake.
_EARLIEST = 7 * 60
_EVENING_FROM = 5 * 60

# What a part of the day stands for when no time is said.
TYPICAL_MINUTE = {
    DayPart.MORNING: 9 * 60,
    DayPart.NOON: 12 * 60,
    DayPart.AFTERNOON: 15 * 60,
    DayPart.EVENING: 19 * 60,
    DayPart.NIGHT: 22 * 60,
}

_LATE_PARTS = (DayPart.AFTERNOON, DayPart.EVENING, DayPart.NIGHT)


class HourHint(Enum):
    """A hint about an hour from the words beside it: breakfast, dinner."""

    NONE = "none"
    MORNING = "morning"
    EVENING = "evening"


class HourHints:
    """Finds out from the words beside a time whether it is in the morning or in the evening.

    Args:
        mornings: A pattern for what takes place in the morning, such as breakfast.
        evenings: A pattern for what takes place in the evening, such as dinner.
    """

    def __init__(self, mornings: str, evenings: str) -> None:
        self._mornings = re.compile(mornings)
        self._evenings = re.compile(evenings)

    def of(self, normalized: str) -> HourHint:
        """Return the hint that a normalized sentence gives."""
        if self._evenings.search(normalized):
            return HourHint.EVENING
        return HourHint.MORNING if self._mornings.search(normalized) else HourHint.NONE


def resolve_minute(clock: Clock, part: DayPart | None, hint: HourHint) -> int:
    """Return the minute of the day that is meant; past 24:00 for the night after it."""
    minute = clock.minute
    # "8 Uhr" is in the morning, unless it is said to be in the evening.
    if clock.exact and (clock.half or minute >= HALF_DAY or part not in _LATE_PARTS):
        return minute
    noon_hour = minute >= HALF_DAY  # half past twelve
    match part:
        case DayPart.MORNING:
            return minute
        case DayPart.NOON:
            return minute if minute >= 10 * 60 else minute + HALF_DAY
        case DayPart.AFTERNOON:
            return minute if noon_hour else minute + HALF_DAY
        case DayPart.EVENING | DayPart.NIGHT:
            return _late(minute, noon_hour=noon_hour)
    if noon_hour or (hint is HourHint.MORNING and minute >= 4 * 60):
        return minute
    if hint is HourHint.EVENING and minute >= _EVENING_FROM:
        return minute + HALF_DAY
    return minute if minute >= _EARLIEST else minute + HALF_DAY


def resolve_range(
    first: Clock, last: Clock, part: DayPart | None, hint: HourHint
) -> tuple[int, int]:
    """Return both ends in minutes of the first day; the second is after the first."""
    end = resolve_minute(last, part, hint)
    start = resolve_minute(first, part, hint)
    if last.half and not first.exact and part is None:
        # "2 to 4pm", "11 to 1pm": the latest that is before the end.
        choices = (first.minute % HALF_DAY, first.minute % HALF_DAY + HALF_DAY)
        start = max((c for c in choices if c < end), default=start)
    elif last.exact and not first.exact and start >= end:
        start = first.minute
    if end <= start and not last.exact:
        end = last.minute % HALF_DAY
        while end <= start:
            end += HALF_DAY
    return start, end if end > start else end + MIDNIGHT_AFTER


def _late(minute: int, *, noon_hour: bool) -> int:
    if noon_hour:  # twelve at night ends the day
        return minute + HALF_DAY
    return minute + HALF_DAY if minute >= _EVENING_FROM else minute + MIDNIGHT_AFTER
