"""A job that somebody has claimed, and what only they may do with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pisovereign.errors import PiSovereignError
from pisovereign.jobs.types import FinalState
from pisovereign.storage.pool import Connection

_HELD = """
SELECT 1 FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s AND attempt = %(attempt)s
  AND state = 'running'
"""
_RENEW = """
UPDATE jobs SET lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s AND attempt = %(attempt)s
  AND state = 'running'
"""
_RETRY = """
UPDATE jobs
SET state = 'waiting', lease_until = NULL, error = %(error)s,
    ready_at = CASE WHEN %(after)s::float8 IS NULL THEN 'infinity'
               ELSE now() + make_interval(secs => %(after)s) END
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s AND attempt = %(attempt)s
  AND state = 'running'
"""
# What was reported as uncertain was not run again: the late word of its worker is the true one.
_SETTLE = """
UPDATE jobs
SET state = %(state)s, error = %(error)s, payload = NULL, lease_until = NULL, settled_at = now()
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s AND attempt = %(attempt)s
  AND state IN ('running', 'uncertain')
"""


class Superseded(PiSovereignError):
    """The job is over, or somebody else works at it."""

    def __init__(self) -> None:
        super().__init__("It is over, or another process has taken it over")


class ClaimedJob:
    """The right to work at one job, as long as nobody else has claimed it since.

    Each method is part of a transaction of the user.

    Attributes:
        user: Whose job it is.
        id: Its id.
        kind: As it was added.
        subject: As it was added.
        position: Its place in the order.
        attempt: How often it was claimed, this time included.
        interruptions: How often whoever worked at it vanished.
        payload: As it was added; empty: there was none.
        when_renewed: Stores something more whenever the lease is renewed, or given back.
    """

    def __init__(
        self,
        queue: str,
        user: UUID,
        identifier: UUID,
        *,
        kind: str = "",
        subject: UUID | None = None,
        position: dt.datetime | None = None,
        attempt: int = 1,
        interruptions: int = 0,
        payload: str = "",
    ) -> None:
        self.user = user
        self.id = identifier
        self.kind = kind
        self.subject = subject
        self.position = position
        self.attempt = attempt
        self.interruptions = interruptions
        self.payload = payload
        self.when_renewed: Callable[[Connection], Awaitable[None]] | None = None
        self._key: dict[str, Any] = {
            "user": user,
            "queue": queue,
            "id": identifier,
            "attempt": attempt,
        }

    async def lock(self, connection: Connection) -> None:
        """Make sure, until the end of the transaction, that the job is still this worker's.

        Raises:
            Superseded: it is not.
        """
        await self._require(connection, f"{_HELD} FOR UPDATE")

    async def check(self, connection: Connection) -> None:
        """Make sure that the job is this worker's at this moment.

        Raises:
            Superseded: it is not.
        """
        await self._require(connection, _HELD)

    async def renew(self, connection: Connection, lease_s: float) -> None:
        """Prolong the lease.

        Raises:
            Superseded: the job is over, or somebody else's.
        """
        if not await self._change(connection, _RENEW, {"lease": lease_s}):
            raise Superseded
        if self.when_renewed is not None:
            await self.when_renewed(connection)

    async def retry(
        self, connection: Connection, after_s: float | None, error: str | None = None
    ) -> bool:
        """Let it be claimed again after a pause; return whether it was this worker's.

        With None as the pause it is parked: it waits until `JobQueue.wake` names it.
        """
        held = await self._change(connection, _RETRY, {"after": after_s, "error": error})
        if held and self.when_renewed is not None:
            await self.when_renewed(connection)
        return held

    async def settle(
        self, connection: Connection, state: FinalState = "done", error: str | None = None
    ) -> bool:
        """Bring it to its end; return whether it was this worker's."""
        return await self._change(connection, _SETTLE, {"state": state, "error": error})

    async def _require(self, connection: Connection, statement: str) -> None:
        cursor = await connection.execute(statement.encode(), self._key)
        if await cursor.fetchone() is None:
            raise Superseded

    async def _change(self, connection: Connection, statement: str, values: dict[str, Any]) -> bool:
        cursor = await connection.execute(statement.encode(), self._key | values)
        return cursor.rowcount > 0
