"""Schedules of the configuration, and those that people made, which are in PostgreSQL.

The owner is in every statement.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from psycopg.rows import TupleRow

from pisovereign.agents.schedules.types import NewSchedule, Schedule, SchedulePatch
from pisovereign.agents.types import Limits
from pisovereign.config.cron import CronTimes
from pisovereign.errors import SealError
from pisovereign.locales import Zones
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_COLUMNS = "id, name, cron, time_zone, enabled, deliver, key_id, description"
_ALL = f"""
SELECT {_COLUMNS} FROM stored_schedules WHERE user_id = %(user)s ORDER BY created_at, id
"""  # noqa: S608
_ADD = f"""
INSERT INTO stored_schedules
    (user_id, id, name, cron, time_zone, enabled, deliver, key_id, description)
VALUES (%(user)s, %(id)s, %(name)s, %(cron)s, %(time_zone)s, %(enabled)s, %(deliver)s,
    %(key)s, %(description)s)
RETURNING {_COLUMNS}
"""  # noqa: S608
_CHANGE = f"""
UPDATE stored_schedules
SET cron = coalesce(%(cron)s, cron), time_zone = coalesce(%(time_zone)s, time_zone),
    enabled = coalesce(%(enabled)s, enabled), deliver = coalesce(%(deliver)s, deliver),
    key_id = coalesce(%(key)s, key_id), description = coalesce(%(description)s, description),
    updated_at = now()
WHERE user_id = %(user)s AND id = %(id)s
RETURNING {_COLUMNS}
"""  # noqa: S608
_DELETE = "DELETE FROM stored_schedules WHERE user_id = %(user)s AND id = %(id)s"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('schedules ' || %(user)s::text, 0))"
_GRACE = dt.timedelta(minutes=60)


class ScheduleStore:
    """The schedules of users; each call is part of a transaction of theirs.

    Args:
        sealer: Seals what people ask for.
        configured: Those of the configuration that are switched on.
        zones: Returns where a user is, for those that name no time zone.
        limits: What each task may take that the configuration says nothing else of.
    """

    def __init__(
        self, sealer: Sealer, configured: Sequence[Schedule], zones: Zones, limits: Limits
    ) -> None:
        self._sealer = sealer
        self._configured = configured
        self._zones = zones
        self._limits = limits
        self._own_limits = {each.name: each.limits for each in configured}

    async def lock(self, connection: Connection, user: UUID) -> None:
        """Let nobody else add one until the transaction ends."""
        await connection.execute(_LOCK, {"user": user})

    async def all(self, connection: Connection, user: UUID) -> list[Schedule]:
        """Return those that a user made, the oldest first, and those of the configuration."""
        found = await connection.execute(_ALL, {"user": user})
        stored = [self._read(user, row) for row in await found.fetchall()]
        return [*stored, *(each for each in self._configured if each.user == user)]

    async def add(
        self, connection: Connection, user: UUID, schedule: UUID, name: str, new: NewSchedule
    ) -> Schedule:
        """Store one."""
        values = self._values(user, schedule, new) | {"name": name}
        row = await (await connection.execute(_ADD, values)).fetchone()
        assert row is not None
        return self._read(user, row)

    async def change(
        self, connection: Connection, user: UUID, schedule: UUID, patch: SchedulePatch
    ) -> Schedule | None:
        """Change the fields that are given; None: the user made no such one."""
        values = self._values(user, schedule, patch)
        row = await (await connection.execute(_CHANGE, values)).fetchone()
        return None if row is None else self._read(user, row)

    async def delete(self, connection: Connection, user: UUID, schedule: UUID) -> bool:
        """Delete one; whether there was one."""
        values = {"user": user, "id": schedule}
        return (await connection.execute(_DELETE, values)).rowcount > 0

    async def ways(self, connection: Connection, user: UUID, name: str) -> Sequence[Way]:
        """Return how a user is told what came of a schedule's task; if it is gone, as an event."""
        ways = {each.name: each.deliver for each in await self.all(connection, user)}
        return ways.get(name, ("events",))

    def limits(self, name: str | None) -> Limits:
        """Return what a task of a schedule may take, or one of no schedule."""
        return self._limits if name is None else self._own_limits.get(name, self._limits)

    def _values(
        self, user: UUID, schedule: UUID, given: NewSchedule | SchedulePatch
    ) -> dict[str, Any]:
        sealed = None
        if given.description is not None:
            sealed = self._sealer.seal(given.description, aad=_binding(user, schedule))
        return {
            "user": user,
            "id": schedule,
            "cron": given.cron,
            "time_zone": given.time_zone,
            "enabled": given.enabled,
            "deliver": None if given.deliver is None else list(given.deliver),
            "key": sealed.key_id if sealed else None,
            "description": sealed.data if sealed else None,
        }

    def _read(self, user: UUID, row: TupleRow) -> Schedule:
        """Return one; with another expression or zone its times begin anew, now."""
        stored_as, name, cron, time_zone, enabled, deliver, key_id, sealed = row
        description = ""
        with contextlib.suppress(SealError):  # it hides no other one, and can still be deleted
            description = self._sealer.open(bytes(sealed), key_id, _binding(user, stored_as))
        zone = ZoneInfo(time_zone) if time_zone else self._zones(user)
        return Schedule(
            id=uuid5(stored_as, f"{cron}\n{zone.key}"),
            name=name,
            user=user,
            description=description,
            cron=cron,
            time_zone=zone.key,
            times=CronTimes(cron, zone),
            grace=_GRACE,
            deliver=tuple(deliver),
            limits=self._limits,
            stored_as=stored_as,
            enabled=enabled,
        )


def _binding(user: UUID, schedule: UUID) -> bytes:
    return b"stored_schedules.description" + schedule.bytes + user.bytes
