"""Counting uses, in memory and written together, as a memory card wears with each write."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from uuid import UUID

from pisovereign.storage.pool import Database

# Enough for minutes of use. More are written at once, which bounds the memory that they take.
MOST_PENDING = 1000

_ADD = """
UPDATE memory_state s
SET access_count = s.access_count + u.uses, used_at = now(), importance = s.base_importance
FROM unnest(%(ids)s::uuid[], %(uses)s::integer[]) AS u (id, uses)
WHERE s.user_id = %(user)s AND s.memory_id = u.id
"""


class UsageCounter:
    """Counts which memories were used; what was not written yet is lost with the process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)
        self._full = asyncio.Event()

    def count(self, user: UUID, memories: list[UUID]) -> None:
        """Note one use of each of the memories."""
        self._pending[user].update(memories)
        if sum(map(len, self._pending.values())) >= MOST_PENDING:
            self._full.set()

    async def wait(self, seconds: float) -> None:
        """Return after `seconds`, or earlier when enough is to be written."""
        try:
            async with asyncio.timeout(seconds):
                await self._full.wait()
        except TimeoutError:
            return

    async def flush(self) -> None:
        """Write what was counted; what cannot be written is kept for the next time.

        Raises:
            ServiceUnavailable: the database is away.
        """
        self._full.clear()
        while self._pending:
            user, uses = self._pending.popitem()
            values = {"user": user, "ids": list(uses.keys()), "uses": list(uses.values())}
            try:
                async with self._database.transaction(user) as connection:
                    await connection.execute(_ADD, values)
            except BaseException:
                self._pending[user].update(uses)
                raise
