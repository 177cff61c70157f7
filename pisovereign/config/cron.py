"""Compute when a schedule is due from a cron expression and a time zone.

Where clocks are put forward or back, the library follows Debian's cron: a job at a fixed hour runs
once on such a day, and an hourly job runs every hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


def cron_rule(expression: str) -> str | None:
    """Return what is wrong with a cron expression, or None."""
    try:
        next(CronSim(expression, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)))
    except CronSimError as error:
        said = str(error)
        return f"is no cron expression: {said[:1].lower()}{said[1:]}"
    except StopIteration:
        return "never comes true"
    return None


class CronTimes:
    """The times at which one schedule is due, all in UTC.

    Args:
        expression: Five fields, or six of which the first are seconds.
        zone: The time zone that the hours of the expression are meant in.
    """

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        # With seconds, the library does not handle changed clocks: a job at a fixed hour would be
        # skipped, or run twice. So it computes only the minutes.
        self._minutes = " ".join(expression.split()[-5:])
        self._seconds = sorted(CronSim(expression, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)).seconds)
        self._zone = zone

    def newest(self, after: dt.datetime, until: dt.datetime) -> dt.datetime | None:
        """Return the last time in (`after`, `until`], or None."""
        newest: dt.datetime | None = None
        for time in self._from(after):
            if time > until:
                break
            newest = time
        return newest

    def next(self, after: dt.datetime) -> dt.datetime | None:
        """Return the first time after `after`; None if there is none in the next decades."""
        return next(self._from(after), None)

    def _from(self, after: dt.datetime) -> Iterator[dt.datetime]:
        # The library works in local time, in which one hour occurs twice in autumn: its first
        # results may lie before `after`.
        begin = (after - dt.timedelta(minutes=1)).astimezone(self._zone)
        for local in CronSim(self._minutes, begin):
            minute = local.astimezone(dt.UTC)
            for second in self._seconds:
                time = minute + dt.timedelta(seconds=second)
                if time > after:
                    yield time
