"""Which of two hours is meant when one is said that the clock shows twice a day."""

from __future__ import annotations

from enum import Enum

from pisovereign.parsing.times.pieces import MIDNIGHT_AFTER, Clock, PartName

HALF_DAY = 12 * 60
# When something is to happen at "3" or "half past six", nobody sleeps.
_EARLIEST = 7 * 60
_EVENING_FROM = 5 * 60

# What a part of the day stands for when no time is said.
USUAL = {
    PartName.MORNING: 9 * 60,
    PartName.NOON: 12 * 60,
    PartName.AFTERNOON: 15 * 60,
    PartName.EVENING: 19 * 60,
    PartName.NIGHT: 22 * 60,
}


class Hint(Enum):
    """What the words beside a time say about it: breakfast, dinner."""

    NONE = "none"
    MORNING = "morning"
    EVENING = "evening"


def settle(clock: Clock, part: PartName | None, hint: Hint) -> int:
    """The minute of the day that is meant; past 24:00 in the night after it."""
    minute = clock.minute
    if clock.exact:
        return minute
    noon_hour = minute >= HALF_DAY  # half past twelve
    match part:
        case PartName.MORNING:
            return minute
        case PartName.NOON:
            return minute if minute >= 10 * 60 else minute + HALF_DAY
        case PartName.AFTERNOON:
            return minute if noon_hour else minute + HALF_DAY
        case PartName.EVENING | PartName.NIGHT:
            return _late(minute, noon_hour=noon_hour)
    if noon_hour or (hint is Hint.MORNING and minute >= 4 * 60):
        return minute
    if hint is Hint.EVENING and minute >= _EVENING_FROM:
        return minute + HALF_DAY
    return minute if minute >= _EARLIEST else minute + HALF_DAY


def settle_span(first: Clock, last: Clock, part: PartName | None, hint: Hint) -> tuple[int, int]:
    """Both ends, in minutes of the first day; the second is after the first."""
    end = settle(last, part, hint)
    start = settle(first, part, hint)
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
