"""What a schedule is, and those of a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.agents.types import Limits
from pisovereign.config import AgenticConfig, ScheduleConfig
from pisovereign.config.cron import CronTimes
from pisovereign.errors import StartError
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


def build_schedules(config: AgenticConfig, zone: ZoneInfo, users: Sequence[UUID]) -> list[Schedule]:
    """Return the schedules that are switched on.

    Raises:
        StartError: one belongs to nobody.
    """
    return [
        _schedule(each, config, zone, _owner(each, f"agentic.schedules[{i}]", users))
        for i, each in enumerate(config.schedules)
        if each.enabled and config.enabled
    ]


def _schedule(
    config: ScheduleConfig, general: AgenticConfig, zone: ZoneInfo, user: UUID
) -> Schedule:
    own_zone = ZoneInfo(config.time_zone) if config.time_zone else zone
    return Schedule(
        id=uuid5(user, f"schedule\n{config.name}\n{config.cron}\n{own_zone.key}"),
        name=config.name,
        user=user,
        description=config.description,
        times=CronTimes(config.cron, own_zone),
        grace=dt.timedelta(minutes=config.grace_minutes),
        deliver=config.deliver,
        limits=Limits(
            config.max_tokens or general.max_tokens, config.timeout_s or general.timeout_s
        ),
    )


def _owner(config: ScheduleConfig, place: str, users: Sequence[UUID]) -> UUID:
    if not config.user_id:
        if len(users) == 1:
            return users[0]
        raise StartError(f"{place}.user_id is required: there are {len(users)} users")
    if (user := UUID(config.user_id)) not in users:
        raise StartError(f"{place}.user_id is no user of this installation")
    return user
