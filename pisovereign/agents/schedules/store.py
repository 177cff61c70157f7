"""Schedules that people made, in PostgreSQL; the owner is in every statement."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import TupleRow

from pisovereign.agents.schedules.types import NewSchedule, SchedulePatch
from pisovereign.errors import SealError
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_COLUMNS = "id, name, cron, time_zone, enabled, deliver, key_id, description"
_SELECT = f"SELECT {_COLUMNS} FROM stored_schedules WHERE user_id = %(user)s"  # noqa: S608
_ADD = """
INSERT INTO stored_schedules
    (user_id, id, name, cron, time_zone, enabled, deliver, key_id, description)
VALUES (%(user)s, %(id)s, %(name)s, %(cron)s, %(time_zone)s, %(enabled)s, %(deliver)s,
    %(key)s, %(description)s)
"""
_CHANGE = """
UPDATE stored_schedules
SET cron = coalesce(%(cron)s, cron), time_zone = coalesce(%(time_zone)s, time_zone),
    enabled = coalesce(%(enabled)s, enabled), deliver = coalesce(%(deliver)s, deliver),
    key_id = coalesce(%(key)s, key_id), description = coalesce(%(description)s, description),
    updated_at = now()
WHERE user_id = %(user)s AND id = %(id)s
"""
_DELETE = "DELETE FROM stored_schedules WHERE user_id = %(user)s AND id = %(id)s"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('schedules ' || %(user)s::text, 0))"
_WAYS = "SELECT deliver FROM stored_schedules WHERE user_id = %(user)s AND name = %(name)s"


class StoredSchedule(NamedTuple):
    """One row; `description` is None if it cannot be opened."""

    id: UUID
    name: str
    cron: str
    time_zone: str
    enabled: bool
    deliver: tuple[Way, ...]
    description: str | None


class ScheduleStore:
    """All SQL about them; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def lock(self, connection: Connection, user: UUID) -> None:
        """Let nobody else add one until the transaction ends."""
        await connection.execute(_LOCK, {"user": user})

    async def all(self, connection: Connection, user: UUID) -> list[StoredSchedule]:
        """Return those of a user, the oldest first."""
        found = await connection.execute(f"{_SELECT} ORDER BY created_at, id", {"user": user})
        return [self._read(user, row) for row in await found.fetchall()]

    async def get(
        self, connection: Connection, user: UUID, schedule: UUID
    ) -> StoredSchedule | None:
        """Return one; None: unknown, or somebody else's."""
        values = {"user": user, "id": schedule}
        row = await (await connection.execute(f"{_SELECT} AND id = %(id)s", values)).fetchone()
        return None if row is None else self._read(user, row)

    async def add(
        self, connection: Connection, user: UUID, schedule: UUID, name: str, new: NewSchedule
    ) -> None:
        """Store one."""
        values = self._values(user, schedule, new) | {"name": name}
        await connection.execute(_ADD, values)

    async def change(
        self, connection: Connection, user: UUID, schedule: UUID, patch: SchedulePatch
    ) -> bool:
        """Change the fields that are given; whether there is one."""
        values = self._values(user, schedule, patch)
        return (await connection.execute(_CHANGE, values)).rowcount > 0

    async def delete(self, connection: Connection, user: UUID, schedule: UUID) -> bool:
        """Delete one; whether there was one."""
        values = {"user": user, "id": schedule}
        return (await connection.execute(_DELETE, values)).rowcount > 0

    async def ways(self, connection: Connection, user: UUID, name: str) -> tuple[Way, ...] | None:
        """Return how the owner is told what came of the tasks of a schedule; None: unknown."""
        values = {"user": user, "name": name}
        row = await (await connection.execute(_WAYS, values)).fetchone()
        return None if row is None else tuple(row[0])

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

    def _read(self, user: UUID, row: TupleRow) -> StoredSchedule:
        identifier, name, cron, time_zone, enabled, deliver, key_id, sealed = row
        description: str | None = None
        with contextlib.suppress(SealError):  # it hides no other one, and can still be deleted
            description = self._sealer.open(bytes(sealed), key_id, _binding(user, identifier))
        return StoredSchedule(
            identifier, name, cron, time_zone, enabled, tuple(deliver), description
        )


def _binding(user: UUID, schedule: UUID) -> bytes:
    return b"stored_schedules.description" + schedule.bytes + user.bytes
