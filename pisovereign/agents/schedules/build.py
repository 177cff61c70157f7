"""The schedules of a configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pisovereign.agents.schedules.types import Schedule
from pisovereign.agents.types import Limits
from pisovereign.config import AgenticConfig, ScheduleConfig
from pisovereign.config.cron import CronTimes
from pisovereign.errors import StartError


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
