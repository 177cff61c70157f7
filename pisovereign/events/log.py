"""The one log of events, in PostgreSQL, in streams; what events say is sealed.

Each user has a stream, and each of their tasks has one. Whoever causes an event appends it in the
transaction that causes it, as the last statement: the event is there exactly if its cause is. The
stream's row is locked until the commit, so numbers appear in their order, and a reader that has
seen one has seen all before it.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pisovereign.errors import SealError
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.types import Event
from pisovereign.events.wakeups import Wakeups
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

# Without a number to keep, greatest() leaves first_id as it is.
_NEXT = """
INSERT INTO event_streams (user_id, stream, last_id) VALUES (%(user)s, %(stream)s, 1)
ON CONFLICT (user_id, stream) DO UPDATE
SET last_id = event_streams.last_id + 1,
    first_id = greatest(event_streams.first_id, event_streams.last_id + 2 - %(keep)s::bigint)
RETURNING last_id, first_id
"""
_APPEND = """
INSERT INTO events (user_id, stream, id, kind, subject, key_id, data)
VALUES (%(user)s, %(stream)s, %(id)s, %(kind)s, %(subject)s, %(key)s, %(data)s)
"""
_SKIP = """
UPDATE event_streams SET last_id = last_id + %(count)s
WHERE user_id = %(user)s AND stream = %(stream)s
"""
_DROP_OLD = """
DELETE FROM events WHERE user_id = %(user)s AND stream = %(stream)s AND id < %(first)s
"""
_DROP_ABOUT = "DELETE FROM events WHERE user_id = %(user)s AND subject = %(subject)s"
_DROP_STREAM = "DELETE FROM event_streams WHERE user_id = %(user)s AND stream = %(subject)s"
# As when one is appended: the stream's row is locked first.
_LOCK_STREAM = """
SELECT first_id FROM event_streams WHERE user_id = %(user)s AND stream = %(user)s FOR UPDATE
"""
_PRUNE = """
DELETE FROM events WHERE user_id = %(user)s AND stream = %(user)s AND id IN (
    SELECT id FROM events
    WHERE user_id = %(user)s AND stream = %(user)s
      AND created_at < now() - make_interval(days => %(days)s)
    ORDER BY id LIMIT %(limit)s)
RETURNING id
"""
_BEGIN_AT = """
UPDATE event_streams SET first_id = greatest(first_id, %(first)s)
WHERE user_id = %(user)s AND stream = %(user)s
"""
_LAST = "SELECT last_id FROM event_streams WHERE user_id = %(user)s AND stream = %(stream)s"
# One statement, so that the number and the rows are of the same moment.
_AFTER = """
SELECT e.id, e.kind, e.key_id, e.data, e.created_at,
       (SELECT first_id FROM event_streams WHERE user_id = %(user)s AND stream = %(stream)s)
FROM events e WHERE e.user_id = %(user)s AND e.stream = %(stream)s AND e.id > %(after)s
ORDER BY e.id LIMIT %(limit)s
"""
_encoder = msgspec.json.Encoder()


class EventLog:
    """Appends and reads events.

    Args:
        database: Where they are.
        sealer: Seals what they say.
        keep: How many of each user's own stream are kept; those of other streams all are.
        listener: Lets other processes know.

    Attributes:
        wakeups: Wakes those of this process who watch a stream.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        keep: int,
        listener: NotifyListener | None = None,
        wakeups: Wakeups | None = None,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._keep = keep
        self._listener = listener
        self.wakeups = wakeups or Wakeups()

    async def append(
        self,
        connection: Connection,
        user: UUID,
        kind: str,
        subject: UUID,
        data: Any,
        *,
        stream: UUID | None = None,
    ) -> None:
        """Add an event, and wake those who watch once it is committed.

        Args:
            connection: In the transaction of `user` that causes the event.
            user: Whose event it is.
            kind: What happened.
            subject: The id of what it is about.
            data: What there is to say of it, to be written as a JSON object.
            stream: Where it belongs; None: to the user's own stream.
        """
        place = stream or user
        keep = None if stream else self._keep
        values: dict[str, Any] = {"user": user, "stream": place, "keep": keep}
        row = await (await connection.execute(_NEXT, values)).fetchone()
        assert row is not None
        number, first = row
        text = _encoder.encode(data).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, place, number))
        values |= {"id": number, "first": first, "kind": kind, "subject": subject}
        values |= {"key": sealed.key_id, "data": sealed.data}
        await connection.execute(_APPEND, values)
        if keep is not None:
            await connection.execute(_DROP_OLD, values)
        if self._listener is not None:
            await self._listener.notify(connection, place)
        self._database.when_committed(connection, partial(self.wakeups.wake, place))

    async def skip(self, connection: Connection, user: UUID, stream: UUID, count: int) -> None:
        """Leave some numbers out of a stream.

        They may have been those of events that were sent, and then lost with the machine, because
        nobody waited for the disk.
        """
        values = {"user": user, "stream": stream, "count": count}
        await connection.execute(_SKIP, values)

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete the events about something that is deleted, and its own stream.

        Their numbers in other streams stay taken.
        """
        await connection.execute(_DROP_ABOUT, {"user": user, "subject": subject})
        await connection.execute(_DROP_STREAM, {"user": user, "subject": subject})

    async def prune(self, user: UUID, days: int, limit: int) -> int:
        """Delete some events of a user's own stream that are so many days old; return how many."""
        values = {"user": user, "days": days, "limit": limit}
        async with self._database.transaction(user) as connection:
            await connection.execute(_LOCK_STREAM, values)
            rows = await (await connection.execute(_PRUNE, values)).fetchall()
            if rows:
                first = 1 + max(row[0] for row in rows)
                await connection.execute(_BEGIN_AT, {"user": user, "first": first})
        return len(rows)

    async def last(self, user: UUID, stream: UUID | None = None) -> int | None:
        """Return the number of a stream's last event; None before the first one."""
        async with self._database.transaction(user) as connection:
            values = {"user": user, "stream": stream or user}
            row = await (await connection.execute(_LAST, values)).fetchone()
        return int(row[0]) if row else None

    async def after(
        self, user: UUID, number: int, limit: int, *, stream: UUID | None = None
    ) -> tuple[list[Event], int]:
        """Return the events of a stream that follow `number`, the oldest first.

        Beside them is the number of the first one that was not dropped because of its age; 0
        without events.
        """
        place = stream or user
        values = {"user": user, "stream": place, "after": number, "limit": limit}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_AFTER, values)).fetchall()
        return [self._event(user, place, row) for row in rows], rows[0][-1] if rows else 0

    def _event(self, user: UUID, stream: UUID, row: TupleRow) -> Event:
        number, kind, key_id, data, created_at, _ = row
        try:
            text = self._sealer.open(bytes(data), key_id, _binding(user, stream, number))
        except SealError:  # it hides none of those that follow
            return Event(id=number, kind=kind, data=None, created_at=created_at)
        return Event(id=number, kind=kind, data=msgspec.Raw(text.encode()), created_at=created_at)


def _binding(user: UUID, stream: UUID, number: int) -> bytes:
    """Return what an event is bound to: what it was in the two logs before this one."""
    place = number.to_bytes(8, "big")
    if stream == user:
        return b"events.data" + place + user.bytes
    return b"agents.event." + stream.bytes + user.bytes + place
