"""Local times as moments, also where clocks are set forward or back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from pisovereign.parsing.times.pieces import MIDNIGHT_AFTER


def moment(
    day: dt.date, minute: int, zone: ZoneInfo, not_before: dt.datetime | None = None
) -> dt.datetime:
    """The moment in UTC at which clocks show `minute` of `day`.

    When clocks are set forward, a time that they skip is as much later as they skip: 02:30 is
    03:30. When they are set back, a time that they show twice is the first of the two, unless only
    the second one is at or after `not_before`.

    Raises:
        OverflowError: after the last year that there is.
    """
    days, minute = divmod(minute, MIDNIGHT_AFTER)
    naive = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(*divmod(minute, 60)))
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if not_before is not None and first < not_before <= second:
        return second
    return first
