"""Days that do not end while a test expects something of them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from tests.support.patience import PATIENCE_S

Clock = Callable[[], dt.datetime]


def lasting_day(
    zone: ZoneInfo, least_s: float = PATIENCE_S, now: Clock = lambda: dt.datetime.now(dt.UTC)
) -> dt.date:
    """Return today in a zone, which lasts for so long; if it does not, wait for the next day.

    What is "tomorrow" for a test must still be tomorrow when a program understands it.
    """
    while True:
        moment = now()
        today, later = (
            (moment + dt.timedelta(seconds=seconds)).astimezone(zone).date()
            for seconds in (0.0, least_s)
        )
        if today == later:
            return today
        time.sleep(0.1)
