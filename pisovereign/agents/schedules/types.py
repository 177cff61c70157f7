"""Schedules, those of a configuration, and types of their routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from pisovereign.agents.types import Description, Limits
from pisovereign.config import AgenticConfig, ScheduleConfig
from pisovereign.config.cron import CronTimes, cron_rule
from pisovereign.config.rules import time_zone as time_zone_rule
from pisovereign.connectors.registry import ways
from pisovereign.errors import StartError
from pisovereign.notifications.types import Way

MOST_SCHEDULES = 50
"""Schedules that one user may make."""


def _five_fields(value: str) -> str | None:
    """Refuse fields of seconds: a household's board has better things to do each second."""
    return cron_rule(value) if len(value.split()) == 5 else "must have five fields"


def _each_once(value: tuple[str, ...]) -> str | None:
    return None if len(set(value)) == len(value) else "must name each once"


Cron = Annotated[str, Meta(max_length=200, extra={"rules": (_five_fields,)})]
TimeZone = Annotated[str, Meta(max_length=64, extra={"rules": (time_zone_rule,)})]
Ways = Annotated[tuple[Way, ...], Meta(max_length=len(ways()), extra={"rules": (_each_once,)})]


class NewSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/agentic/schedules`."""

    description: Description
    cron: Cron
    time_zone: TimeZone = ""
    enabled: bool = True
    deliver: Ways = ("events",)


class SchedulePatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/agentic/schedules/{id}`: what is to be different."""

    description: Description | None = None
    cron: Cron | None = None
    time_zone: TimeZone | None = None
    enabled: bool | None = None
    deliver: Ways | None = None


class ShownSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule, as it is shown.

    `name` is what its tasks have as `scheduled_by`. `source` says whether somebody made it, or the
    configuration has it, where alone it can be changed. `next_at` is when it is due next, null
    while it is switched off. `error` is there when its text cannot be opened.
    """

    id: UUID
    name: str
    description: str
    cron: str
    time_zone: str
    enabled: bool
    deliver: tuple[Way, ...]
    source: Literal["stored", "config"]
    next_at: dt.datetime | None
    error: str | msgspec.UnsetType = msgspec.UNSET


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is made again and again.

    Attributes:
        id: Of these times: with another expression it is another schedule, which begins now.
        name: What it is called, in lists and logs.
        user: Whose tasks it makes.
        description: What they ask for; empty if it cannot be opened.
        cron: When, as it was written.
        time_zone: Where.
        times: When.
        grace: How late one may be begun, after a sleep or while the program was down.
        deliver: How their owner is told what came of them.
        limits: What each may take.
        stored_as: Its id, under which a person made it; None: it is in the configuration.
        enabled: Whether it is switched on.
    """

    id: UUID
    name: str
    user: UUID
    description: str
    cron: str
    time_zone: str
    times: CronTimes
    grace: dt.timedelta
    deliver: tuple[Way, ...]
    limits: Limits
    stored_as: UUID | None = None
    enabled: bool = True

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
        cron=config.cron,
        time_zone=own_zone.key,
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
