"""What a schedule is."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.config.cron import CronTimes
from pisovereign.notifications.types import Way


class Limits(NamedTuple):
    """What one task may take: tokens of the model, and seconds of work."""

    max_tokens: int
    timeout_s: float


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
        """The id of the task of one time: the same in every process, and after every restart."""
        return uuid5(self.id, time.astimezone(dt.UTC).isoformat())


class TaskFinished(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a task of a schedule is over; it has a `result` or a `reason`."""

    task_id: UUID
    scheduled_by: str
    status: str
    result: str | None = None
    reason: str | None = None
