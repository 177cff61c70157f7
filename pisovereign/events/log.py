"""The log of each user's events, in PostgreSQL; what they say is sealed.

Whoever causes an event appends it in the transaction that causes it, as the last statement: the
event is there exactly if its cause is. The row of the owner is locked until the commit, so numbers
appear in their order, and a reader that has seen one has seen all before it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.types import Event, EventKind
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer, SealError

_NEXT = """
INSERT INTO event_owners (user_id, last_id) VALUES (%(user)s, 1)
ON CONFLICT (user_id) DO UPDATE
SET last_id = event_owners.last_id + 1,
    first_id = greatest(event_owners.first_id, event_owners.last_id + 2 - %(keep)s)
RETURNING last_id, first_id
"""
_APPEND = """
INSERT INTO events (user_id, id, kind, subject, key_id, data)
VALUES (%(user)s, %(id)s, %(kind)s, %(subject)s, %(key)s, %(data)s)
"""
_DROP_OLD = "DELETE FROM events WHERE user_id = %(user)s AND id < %(first)s"
_DROP_ABOUT = "DELETE FROM events WHERE user_id = %(user)s AND subject = %(subject)s"
_LAST = "SELECT last_id FROM event_owners WHERE user_id = %(user)s"
# One statement, so that the number and the rows are of the same moment.
_AFTER = """
SELECT e.id, e.kind, e.key_id, e.data, e.created_at,
       (SELECT first_id FROM event_owners WHERE user_id = %(user)s)
FROM events e WHERE e.user_id = %(user)s AND e.id > %(after)s ORDER BY e.id LIMIT %(limit)s
"""
_encoder = msgspec.json.Encoder()


class EventLog:
    """Appends and reads events; the last `keep` of each user are kept."""

    def __init__(
        self, database: Database, sealer: Sealer, keep: int, listener: NotifyListener | None = None
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._keep = keep
        self._listener = listener

    async def append(
        self, connection: Connection, user: UUID, kind: EventKind, subject: UUID, data: Any
    ) -> None:
        """Add an event.

        Args:
            connection: In the transaction of `user` that causes the event.
            user: Whose event it is.
            kind: What happened.
            subject: The id of what it is about.
            data: What there is to say of it, to be written as a JSON object.
        """
        values: dict[str, Any] = {"user": user, "keep": self._keep}
        row = await (await connection.execute(_NEXT, values)).fetchone()
        assert row is not None
        number, first = row
        sealed = self._sealer.seal(_encoder.encode(data).decode(), aad=_binding(user, number))
        values |= {"id": number, "first": first, "kind": kind, "subject": subject}
        values |= {"key": sealed.key_id, "data": sealed.data}
        await connection.execute(_APPEND, values)
        await connection.execute(_DROP_OLD, values)
        if self._listener is not None:
            await self._listener.tell(connection, user)

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete the events about something that is deleted; their numbers stay taken."""
        await connection.execute(_DROP_ABOUT, {"user": user, "subject": subject})

    async def last(self, user: UUID) -> int:
        """The number of the user's last event; 0 before the first one."""
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_LAST, {"user": user})).fetchone()
        return int(row[0]) if row else 0

    async def after(self, user: UUID, number: int, limit: int) -> tuple[list[Event], int]:
        """The user's events that follow `number`, the oldest first.

        Returns them and the number of the first one that was not dropped because of its age; 0
        without events.
        """
        values = {"user": user, "after": number, "limit": limit}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_AFTER, values)).fetchall()
        return [self._event(user, row) for row in rows], rows[0][-1] if rows else 0

    def _event(self, user: UUID, row: TupleRow) -> Event:
        number, kind, key_id, data, created_at, _ = row
        try:
            text = self._sealer.open(bytes(data), key_id, _binding(user, number))
        except SealError:  # it hides none of those that follow
            return Event(id=number, kind=kind, data=None, created_at=created_at)
        return Event(id=number, kind=kind, data=msgspec.Raw(text.encode()), created_at=created_at)


def _binding(user: UUID, number: int) -> bytes:
    return b"events.data" + number.to_bytes(8, "big") + user.bytes
