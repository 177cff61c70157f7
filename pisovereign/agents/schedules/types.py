"""What a schedule is."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid5

import msgspec

from pisovereign.agents.types import Limits
from pisovereign.config.cron import CronTimes
from pisovereign.notifications.types import Way


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is made again and again.

    Attributes:
        id: Of this owner, name and expression: with another expression it is another schedule.
        name: What it is called, in lists and logs.
        user: Whose tasks it makes.
        description: What they ask for.
        times: When.
        grace: How late one may be begun, after a sleep or while the program was down.
        deliver: How their owner is told what came of them.
        limits: What each may take.
    """

    id: UUID
    name: str
    user: UUID
    description: str
    times: CronTimes
    grace: dt.timedelta
    deliver: tuple[Way, ...]
    limits: Limits

    def task(self, time: dt.datetime) -> UUID:
        """Return the id of the task of one time: the same in every process, after every restart."""
        return uuid5(self.id, time.astimezone(dt.UTC).isoformat())
