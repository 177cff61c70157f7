"""When a schedule is due, by a cron expression in a time zone.

The library follows Debian's cron where clocks are put forward or back: what stands at fixed hours
happens once on such a day, what stands at every hour each hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


def cron_rule(expression: str) -> str | None:
    """What is wrong with a cron expression; None: nothing."""
    try:
        next(CronSim(expression, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)))
    except CronSimError as error:
        said = str(error)
        return f"is no cron expression: {said[:1].lower()}{said[1:]}"
    except StopIteration:
        return "never comes true"
    return None


class Times:
    """The times of one schedule, all in UTC.

    Args:
        expression: Five fields, or six of which the first are seconds.
        zone: Where its hours are those of the clock on the wall.
    """

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        # The library leaves expressions with seconds to what clocks happen to show: one at a fixed
        # hour would be left out, or come twice. So it is asked for the minutes alone.
        self._minutes = " ".join(expression.split()[-5:])
        self._seconds = sorted(CronSim(expression, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)).seconds)
        self._zone = zone

    def newest(self, after: dt.datetime, until: dt.datetime) -> dt.datetime | None:
        """The last time after the one and not after the other; None: there is none."""
        newest: dt.datetime | None = None
        for time in self._from(after):
            if time > until:
                break
            newest = time
        return newest

    def next(self, after: dt.datetime) -> dt.datetime | None:
        """The first time after this one; None: not in the next decades."""
        return next(self._from(after), None)

    def _from(self, after: dt.datetime) -> Iterator[dt.datetime]:
        # The library goes by the clock on the wall, which shows an hour twice in autumn: it may
        # begin with times that were before.
        begin = (after - dt.timedelta(minutes=1)).astimezone(self._zone)
        for local in CronSim(self._minutes, begin):
            minute = local.astimezone(dt.UTC)
            for second in self._seconds:
                time = minute + dt.timedelta(seconds=second)
                if time > after:
                    yield time
