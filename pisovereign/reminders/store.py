"""Reminders in PostgreSQL; the owner is in every statement, and titles are sealed."""

from __future__ import annotations

from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pisovereign.errors import SealError
from pisovereign.reminders.types import NewReminder, Reminder, State
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_COLUMNS = "id, key_id, title, state, remind_at, due_at, snoozes, created_at, updated_at"
_INSERT = """
INSERT INTO reminders (user_id, id, key_id, title, remind_at)
VALUES (%(user)s, %(id)s, %(key)s, %(title)s, %(remind_at)s)
"""
_PUT_OFF = """
UPDATE reminders
SET state = 'scheduled', snoozes = snoozes + 1, updated_at = now(),
    remind_at = greatest(remind_at, now()) + make_interval(mins => %(minutes)s)
WHERE user_id = %(user)s AND id = %(id)s AND state <> 'done' AND snoozes < %(most)s
"""
# What another process is delivering is left to it.
_MAKE_DUE = """
UPDATE reminders SET state = 'due', due_at = now(), updated_at = now()
WHERE user_id = %(user)s AND id IN (
    SELECT id FROM reminders
    WHERE user_id = %(user)s AND state = 'scheduled' AND remind_at <= now()
    ORDER BY remind_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""
_ADD = f"{_INSERT} ON CONFLICT (user_id, id) DO NOTHING RETURNING {_COLUMNS}"
_SELECT = """
SELECT id, key_id, title, state, remind_at, due_at, snoozes, created_at, updated_at FROM reminders
"""
_GET = f"{_SELECT} WHERE user_id = %(user)s AND id = %(id)s"
_PAGE = f"""
{_SELECT} WHERE user_id = %(user)s AND state = ANY(%(states)s)
ORDER BY remind_at, id LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = "SELECT count(*) FROM reminders WHERE user_id = %(user)s AND state = ANY(%(states)s)"
_SNOOZE = f"{_PUT_OFF} RETURNING {_COLUMNS}"
_FALL_DUE = f"{_MAKE_DUE} RETURNING {_COLUMNS}"
_FINISH = """
UPDATE reminders SET state = 'done', updated_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND state <> 'done'
"""
_DELETE = "DELETE FROM reminders WHERE user_id = %(user)s AND id = %(id)s"
_NEXT = """
SELECT extract(epoch FROM min(remind_at) - clock_timestamp())::float8 FROM reminders
WHERE user_id = %(user)s AND state = 'scheduled'
"""


class ReminderStore:
    """All SQL about reminders; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer, most_snoozes: int) -> None:
        self._sealer = sealer
        self._most_snoozes = most_snoozes

    async def add(
        self, connection: Connection, user: UUID, new: NewReminder, identifier: UUID
    ) -> Reminder:
        """Store a reminder; if there is one of this id already, it stays as it is."""
        sealed = self._sealer.seal(new.title, aad=_binding(user, identifier))
        values = {
            "user": user,
            "id": identifier,
            "key": sealed.key_id,
            "title": sealed.data,
            "remind_at": new.remind_at,
        }
        row = await (await connection.execute(_ADD, values)).fetchone()
        if row is None:
            row = await (await connection.execute(_GET, values)).fetchone()
        assert row is not None
        return self._reminder(user, row)

    async def get(self, connection: Connection, user: UUID, reminder: UUID) -> Reminder | None:
        """Return one reminder; None: unknown, or somebody else's."""
        row = await (await connection.execute(_GET, {"user": user, "id": reminder})).fetchone()
        return self._reminder(user, row) if row else None

    async def page(
        self, connection: Connection, user: UUID, states: list[State], limit: int, offset: int
    ) -> tuple[list[Reminder], int]:
        """Return a page of the reminders in some states, the earliest first, and their number."""
        values = {"user": user, "states": states, "limit": limit, "offset": offset}
        rows = await (await connection.execute(_PAGE, values)).fetchall()
        total = await (await connection.execute(_COUNT, values)).fetchone()
        assert total is not None
        return [self._reminder(user, row) for row in rows], total[0]

    async def snooze(
        self, connection: Connection, user: UUID, reminder: UUID, minutes: int
    ) -> Reminder | None:
        """Put a reminder off; None if it is done, was put off too often, or is not there."""
        values = {"user": user, "id": reminder, "minutes": minutes, "most": self._most_snoozes}
        row = await (await connection.execute(_SNOOZE, values)).fetchone()
        return self._reminder(user, row) if row else None

    async def finish(self, connection: Connection, user: UUID, reminder: UUID) -> None:
        """Mark a reminder as done, if it is not."""
        await connection.execute(_FINISH, {"user": user, "id": reminder})

    async def delete(self, connection: Connection, user: UUID, reminder: UUID) -> bool:
        """Delete a reminder; whether there was one."""
        cursor = await connection.execute(_DELETE, {"user": user, "id": reminder})
        return cursor.rowcount > 0

    async def fall_due(self, connection: Connection, user: UUID, limit: int) -> list[Reminder]:
        """Mark reminders whose time has come as due, and return them, the earliest first."""
        values = {"user": user, "limit": limit}
        rows = await (await connection.execute(_FALL_DUE, values)).fetchall()
        due = [self._reminder(user, row) for row in rows]
        return sorted(due, key=lambda reminder: (reminder.remind_at, reminder.id))

    async def next_due_s(self, connection: Connection, user: UUID) -> float | None:
        """Return seconds until the next reminder, by the database's clock; None: there is none."""
        row = await (await connection.execute(_NEXT, {"user": user})).fetchone()
        seconds: float | None = row[0] if row else None
        return seconds

    def _reminder(self, user: UUID, row: TupleRow) -> Reminder:
        identifier, key_id, title, state, remind_at, due_at, snoozes, created_at, updated_at = row
        text = ""
        error: str | msgspec.UnsetType = msgspec.UNSET
        try:
            text = self._sealer.open(bytes(title), key_id, _binding(user, identifier))
        except SealError as broken:  # it must hide no other one, and can still be deleted
            error = broken.message
        return Reminder(
            id=identifier,
            title=text,
            status=state,
            remind_at=remind_at,
            due_at=due_at,
            snoozes=snoozes,
            snoozes_left=max(0, self._most_snoozes - snoozes),
            created_at=created_at,
            updated_at=updated_at,
            error=error,
        )


def _binding(user: UUID, reminder: UUID) -> bytes:
    return b"reminders.title" + reminder.bytes + user.bytes
