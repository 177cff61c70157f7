"""What is remembered of schedules: the last time that each of them was seen to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from pisovereign.storage.pool import Connection

# One that was never seen begins now: what came before it was set up was not missed.
_MEET = """
INSERT INTO agent_schedules (user_id, id, seen_to) VALUES (%(user)s, %(id)s, clock_timestamp())
ON CONFLICT DO NOTHING
"""
# Locked: one process at a time sees to it, and the next one finds that it is done.
_LOOK = """
SELECT seen_to, clock_timestamp() FROM agent_schedules
WHERE user_id = %(user)s AND id = %(id)s FOR UPDATE
"""
_SEE_TO = """
UPDATE agent_schedules SET seen_to = %(time)s WHERE user_id = %(user)s AND id = %(id)s
"""
_FORGET = "DELETE FROM agent_schedules WHERE user_id = %(user)s AND id <> ALL(%(kept)s)"
_RUNNING = """
SELECT 1 FROM agent_tasks
WHERE user_id = %(user)s AND schedule = %(name)s AND finished_at IS NULL LIMIT 1
"""


async def look(
    connection: Connection, user: UUID, schedule: UUID
) -> tuple[dt.datetime, dt.datetime]:
    """Up to which time a schedule was seen to, and what time it is; locks the schedule."""
    values = {"user": user, "id": schedule}
    await connection.execute(_MEET, values)
    row = await (await connection.execute(_LOOK, values)).fetchone()
    assert row is not None
    return row[0], row[1]


async def see_to(connection: Connection, user: UUID, schedule: UUID, time: dt.datetime) -> None:
    """Note that everything up to a time is seen to."""
    await connection.execute(_SEE_TO, {"user": user, "id": schedule, "time": time})


async def forget(connection: Connection, user: UUID, kept: Sequence[UUID]) -> None:
    """Forget all but these: one that is switched on again begins anew."""
    await connection.execute(_FORGET, {"user": user, "kept": list(kept)})


async def is_running(connection: Connection, user: UUID, name: str) -> bool:
    """Return whether a task of this schedule is not over."""
    return (
        await (await connection.execute(_RUNNING, {"user": user, "name": name})).fetchone()
        is not None
    )
