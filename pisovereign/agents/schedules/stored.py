"""Schedules that people made, as those that are carried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pisovereign.agents.schedules.store import ScheduleStore, StoredSchedule
from pisovereign.agents.schedules.types import Schedule
from pisovereign.agents.types import Limits
from pisovereign.config.cron import CronTimes
from pisovereign.locales import Zones
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection

_GRACE = dt.timedelta(minutes=60)


class StoredSchedules:
    """Makes schedules of what is stored.

    Args:
        store: Their SQL.
        zones: Returns where a user is, for those that name no time zone.
        limits: What each of their tasks may take.
    """

    def __init__(self, store: ScheduleStore, zones: Zones, limits: Limits) -> None:
        self._store = store
        self._zones = zones
        self._limits = limits

    async def enabled(self, connection: Connection, user: UUID) -> list[Schedule]:
        """Return those of a user that are switched on, and can be read."""
        stored = await self._store.all(connection, user)
        return [self.schedule(user, each) for each in stored if each.enabled and each.description]

    def schedule(self, user: UUID, stored: StoredSchedule) -> Schedule:
        """Return one; with another expression or zone it is another schedule, which begins now."""
        zone = ZoneInfo(stored.time_zone) if stored.time_zone else self._zones(user)
        return Schedule(
            id=uuid5(stored.id, f"{stored.cron}\n{zone.key}"),
            name=stored.name,
            user=user,
            description=stored.description or "",
            cron=stored.cron,
            time_zone=zone.key,
            times=CronTimes(stored.cron, zone),
            grace=_GRACE,
            deliver=stored.deliver,
            limits=self._limits,
        )


class ScheduleWays:
    """Knows how the owner of a schedule is told what came of its tasks.

    Args:
        store: The SQL of those that people made.
        configured: Those of the configuration.
    """

    def __init__(self, store: ScheduleStore, configured: Sequence[Schedule]) -> None:
        self._store = store
        self._configured = {(each.user, each.name): each.deliver for each in configured}

    async def of(self, connection: Connection, user: UUID, name: str) -> Sequence[Way]:
        """Return the ways; one that was deleted meanwhile is told as an event."""
        configured = self._configured.get((user, name))
        if configured is not None:
            return configured
        stored = await self._store.ways(connection, user, name)
        return ("events",) if stored is None else stored
