"""What happens in a task's course, told in the order in which it happens.

An event is appended in the transaction of the change that it tells. That transaction holds the lock
of the task's row from the event's number on until it commits, so numbers appear in their order, and
a reader that has seen one has seen all before it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from pisovereign.agents.sealed import AgentSealer
from pisovereign.agents.types import EventKind
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.types import Event
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import SealError

_NEXT = """
UPDATE agent_tasks SET last_event = last_event + 1
WHERE user_id = %(user)s AND id = %(task)s RETURNING last_event
"""
_APPEND = """
INSERT INTO agent_events (user_id, task_id, id, kind, key_id, data)
VALUES (%(user)s, %(task)s, %(id)s, %(kind)s, %(key)s, %(data)s)
"""
_AFTER = """
SELECT id, kind, key_id, data, created_at FROM agent_events
WHERE user_id = %(user)s AND task_id = %(task)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
"""
_EXISTS = "SELECT last_event FROM agent_tasks WHERE user_id = %(user)s AND id = %(task)s"


class TaskLog:
    """Appends and reads the events of tasks."""

    def __init__(self, database: Database, sealer: AgentSealer, listener: NotifyListener) -> None:
        self._database = database
        self._sealer = sealer
        self._listener = listener

    async def append(
        self, connection: Connection, user: UUID, task: UUID, kind: EventKind, data: Any
    ) -> None:
        """Add an event to a task that is not over yet, in the transaction that causes it."""
        values: dict[str, Any] = {"user": user, "task": task}
        row = await (await connection.execute(_NEXT, values)).fetchone()
        assert row is not None
        values |= {"id": row[0], "kind": kind, "key": self._sealer.key_id}
        values["data"] = self._sealer.event(user, task, row[0], data)
        await connection.execute(_APPEND, values)
        await self._listener.tell(connection, task)

    async def last(self, user: UUID, task: UUID) -> int | None:
        """The number of a task's last event; None: there is no such task of the user."""
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_EXISTS, {"user": user, "task": task})
            row = await cursor.fetchone()
        return None if row is None else int(row[0])

    async def after(self, user: UUID, task: UUID, number: int, limit: int) -> list[Event]:
        """A task's events that follow `number`, in their order."""
        values = {"user": user, "task": task, "after": number, "limit": limit}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_AFTER, values)).fetchall()
        return [
            Event(
                id=number,
                kind=kind,
                data=self._opened(user, task, number, key_id, data),
                created_at=created_at,
            )
            for number, kind, key_id, data, created_at in rows
        ]

    def _opened(
        self, user: UUID, task: UUID, number: int, key_id: str, sealed: bytes
    ) -> msgspec.Raw | None:
        try:
            return self._sealer.open_event(user, task, number, key_id, sealed)
        except SealError:  # it hides none of those that follow
            return None
