"""Who works at a task: one at a time, for a limited time that is prolonged.

Whoever claims a task counts its attempt up. Every change of a task that is being worked at asks
for that number, so one whose time ran out, and whom another one followed, changes nothing any more.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pisovereign.agents.store import TaskRow
from pisovereign.errors import PiSovereignError
from pisovereign.storage.pool import Connection

LEASE_S = 10.0
_CLAIM = """
UPDATE agent_tasks
SET attempt = attempt + 1, parked = false,
    interruptions = interruptions + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END,
    lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND id = (
    SELECT id FROM agent_tasks
    WHERE user_id = %(user)s AND finished_at IS NULL
      AND (NOT parked OR id = ANY(%(wanted)s))
      AND (lease_until IS NULL OR lease_until < now())
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, status, key_id, request, outcome, asked_by, attempt, interruptions, worked_s, tokens,
          created_at, finished_at, schedule
"""
_HOLD = """
SELECT 1 FROM agent_tasks
WHERE user_id = %(user)s AND id = %(task)s AND attempt = %(attempt)s AND finished_at IS NULL
"""
_RENEW = """
UPDATE agent_tasks
SET lease_until = now() + make_interval(secs => %(lease)s), worked_s = worked_s + %(worked)s,
    tokens = tokens + %(tokens)s
WHERE user_id = %(user)s AND id = %(task)s AND attempt = %(attempt)s AND finished_at IS NULL
"""
_RELEASE = """
UPDATE agent_tasks SET lease_until = NULL, parked = %(parked)s
WHERE user_id = %(user)s AND id = %(task)s AND attempt = %(attempt)s AND finished_at IS NULL
"""
_PARKED = """
SELECT t.id, p.approval_id, p.status FROM agent_tasks t
LEFT JOIN agent_parts p
  ON p.user_id = t.user_id AND p.task_id = t.id AND p.status = 'awaiting_approval'
WHERE t.user_id = %(user)s AND t.finished_at IS NULL AND t.parked
"""
_OPEN = "SELECT 1 FROM agent_tasks WHERE user_id = %(user)s AND finished_at IS NULL LIMIT 1"


class Superseded(PiSovereignError):
    """The task is over, or somebody else works at it."""

    def __init__(self) -> None:
        super().__init__("The task is over, or another process has taken it over")


class Hold:
    """The right to change one task, as long as nobody else has claimed it since."""

    def __init__(self, row: TaskRow) -> None:
        self.user = row.user
        self.task = row.id
        self._values: dict[str, Any] = {
            "user": row.user,
            "task": row.id,
            "attempt": row.attempt,
            "lease": LEASE_S,
        }

    async def lock(self, connection: Connection) -> None:
        """Make sure, until the end of the transaction, that the task is still this one's.

        Raises:
            Superseded: it is not.
        """
        await self._require(connection, f"{_HOLD} FOR UPDATE", {})

    async def check(self, connection: Connection) -> None:
        """The same for this moment."""
        await self._require(connection, _HOLD, {})

    async def renew(self, connection: Connection, worked_s: float, tokens: int) -> None:
        """Prolong the lease, and note the work and the model's tokens since the last time."""
        values = {"worked": worked_s, "tokens": tokens}
        cursor = await connection.execute(_RENEW, self._values | values)
        if not cursor.rowcount:
            raise Superseded

    async def release(self, connection: Connection, *, parked: bool) -> None:
        """Let others have it; a parked one only when what it waits for is decided."""
        await connection.execute(_RELEASE, self._values | {"parked": parked})

    async def _require(
        self, connection: Connection, statement: str, values: dict[str, Any]
    ) -> None:
        cursor = await connection.execute(statement.encode(), self._values | values)
        if await cursor.fetchone() is None:
            raise Superseded


async def claim(connection: Connection, user: UUID, wanted: list[UUID]) -> TaskRow | None:
    """Take a task of the user that nobody works at; parked ones only if they are `wanted`."""
    values = {"user": user, "wanted": wanted, "lease": LEASE_S}
    row = await (await connection.execute(_CLAIM, values)).fetchone()
    return None if row is None else TaskRow(user, *row)


async def parked(connection: Connection, user: UUID) -> dict[UUID, list[UUID]]:
    """The user's parked tasks, and the approvals that their parts wait for."""
    found: dict[UUID, list[UUID]] = {}
    for task, approval, _ in await (await connection.execute(_PARKED, {"user": user})).fetchall():
        found.setdefault(task, [])
        if approval is not None:
            found[task].append(approval)
    return found


async def any_open(connection: Connection, user: UUID) -> bool:
    """Whether the user has a task that is not over."""
    return await (await connection.execute(_OPEN, {"user": user})).fetchone() is not None
