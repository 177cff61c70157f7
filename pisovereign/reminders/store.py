"""Reminders in PostgreSQL; the owner is in every statement, and titles are sealed."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from psycopg.rows import TupleRow

from pisovereign.errors import SealError
from pisovereign.reminders import statements as sql
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Kind, ListQuery, NewReminder, Reminder, ReminderPatch, State
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer


class _Row(NamedTuple):
    """The columns of a reminder, in the order of `sql.COLUMNS`."""

    id: UUID
    key_id: str
    title: bytes
    state: State
    remind_at: dt.datetime
    due_at: dt.datetime | None
    snoozes: int
    created_at: dt.datetime
    updated_at: dt.datetime
    kind: Kind
    sound: bool
    repeat: Repeat | None
    repeats_from: dt.datetime | None
    series_id: UUID | None
    continued: bool
    moves: int


class Due(NamedTuple):
    """A reminder that is due now.

    `number` is another one each time that it becomes due. `repeats_from` is there if the next one
    of its series is still to be stored.
    """

    reminder: Reminder
    number: int
    repeats_from: dt.datetime | None


class ReminderStore:
    """All SQL about reminders; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer, most_snoozes: int) -> None:
        self._sealer = sealer
        self._most_snoozes = most_snoozes

    async def add(
        self,
        connection: Connection,
        user: UUID,
        new: NewReminder,
        identifier: UUID,
        *,
        series: UUID | None = None,
        repeats_from: dt.datetime | None = None,
    ) -> Reminder:
        """Store a reminder; if there is one of this id already, it stays as it is.

        One that repeats belongs to a series and is counted from a time, both its own if not given.
        """
        sealed = self._sealer.seal(new.title, aad=_binding(user, identifier))
        values = {
            "user": user,
            "id": identifier,
            "key": sealed.key_id,
            "title": sealed.data,
            "remind_at": new.remind_at,
            "kind": new.kind,
            "sound": new.kind != "reminder" if new.sound is None else new.sound,
            "repeat": new.repeat,
            "repeats_from": (repeats_from or new.remind_at) if new.repeat else None,
            "series": (series or identifier) if new.repeat else None,
        }
        row = await (await connection.execute(sql.ADD, values)).fetchone()
        if row is None:
            row = await (await connection.execute(sql.GET, values)).fetchone()
        assert row is not None
        return self._reminder(user, row)

    async def get(self, connection: Connection, user: UUID, reminder: UUID) -> Reminder | None:
        """Return one reminder; None: unknown, or somebody else's."""
        row = await (await connection.execute(sql.GET, {"user": user, "id": reminder})).fetchone()
        return self._reminder(user, row) if row else None

    async def page(
        self, connection: Connection, user: UUID, states: list[State], query: ListQuery
    ) -> tuple[list[Reminder], int]:
        """Return a page of the reminders in some states, the earliest first, and their number."""
        values = {"user": user, "states": states, **msgspec.structs.asdict(query)}
        rows = await (await connection.execute(sql.PAGE, values)).fetchall()
        total = await (await connection.execute(sql.COUNT, values)).fetchone()
        assert total is not None
        return [self._reminder(user, row) for row in rows], total[0]

    async def snooze(
        self, connection: Connection, user: UUID, reminder: UUID, minutes: int
    ) -> Reminder | None:
        """Put a reminder off; None if it is done, was put off too often, or is not there."""
        values = {"user": user, "id": reminder, "minutes": minutes, "most": self._most_snoozes}
        row = await (await connection.execute(sql.SNOOZE, values)).fetchone()
        return self._reminder(user, row) if row else None

    async def finish(self, connection: Connection, user: UUID, reminder: UUID) -> None:
        """Mark a reminder as done, if it is not."""
        await connection.execute(sql.FINISH, {"user": user, "id": reminder})

    async def delete(self, connection: Connection, user: UUID, reminder: UUID) -> bool:
        """Delete a reminder; whether there was one."""
        cursor = await connection.execute(sql.DELETE, {"user": user, "id": reminder})
        return cursor.rowcount > 0

    async def change(
        self, connection: Connection, user: UUID, reminder: UUID, patch: ReminderPatch
    ) -> Reminder | None:
        """Give a reminder another title or time; None if it is done or not there."""
        sealed = (
            self._sealer.seal(patch.title, aad=_binding(user, reminder)) if patch.title else None
        )
        values = {
            "user": user,
            "id": reminder,
            "key": sealed.key_id if sealed else None,
            "title": sealed.data if sealed else None,
            "sound": patch.sound,
            "remind_at": patch.remind_at,
        }
        row = await (await connection.execute(sql.CHANGE, values)).fetchone()
        return self._reminder(user, row) if row else None

    async def continue_series(
        self, connection: Connection, user: UUID, due: Due, remind_at: dt.datetime
    ) -> list[UUID]:
        """Store the next one of a series; return those before this one, which are done now."""
        reminder = due.reminder
        assert isinstance(reminder.series_id, UUID)
        new = NewReminder(
            title=reminder.title,
            remind_at=remind_at,
            kind=reminder.kind,
            repeat=reminder.repeat,
            sound=reminder.sound,
        )
        # Its id follows from its time, so that it is there once.
        identifier = uuid5(reminder.series_id, remind_at.isoformat())
        await self.add(
            connection,
            user,
            new,
            identifier,
            series=reminder.series_id,
            repeats_from=due.repeats_from,
        )
        values = {"user": user, "id": reminder.id, "series": reminder.series_id}
        await connection.execute(sql.CONTINUED, values)
        rows = await (await connection.execute(sql.FINISH_EARLIER, values)).fetchall()
        return [row[0] for row in rows]

    async def end_series(
        self, connection: Connection, user: UUID, series: UUID
    ) -> list[tuple[UUID, State]]:
        """Delete what is open of a series; return what that was, and in which state."""
        values = {"user": user, "series": series}
        rows = await (await connection.execute(sql.END_SERIES, values)).fetchall()
        return [(row[0], row[1]) for row in rows]

    async def prune(self, connection: Connection, user: UUID, days: int, limit: int) -> list[UUID]:
        """Delete some reminders that have been done for so many days, and return them."""
        values = {"user": user, "days": days, "limit": limit}
        rows = await (await connection.execute(sql.PRUNE, values)).fetchall()
        return [row[0] for row in rows]

    async def fall_due(self, connection: Connection, user: UUID, limit: int) -> list[Due]:
        """Mark reminders whose time has come as due, and return them, the earliest first."""
        values = {"user": user, "limit": limit}
        rows = await (await connection.execute(sql.FALL_DUE, values)).fetchall()
        due = [
            Due(
                self._reminder(user, row),
                # What is snoozed or moved is told again.
                number=row.snoozes + row.moves,
                repeats_from=None if row.continued else row.repeats_from,
            )
            for row in map(_Row._make, rows)
        ]
        return sorted(due, key=lambda found: (found.reminder.remind_at, found.reminder.id))

    async def next_due_s(self, connection: Connection, user: UUID) -> float | None:
        """Return seconds until the next reminder, by the database's clock; None: there is none."""
        row = await (await connection.execute(sql.NEXT, {"user": user})).fetchone()
        seconds: float | None = row[0] if row else None
        return seconds

    def _reminder(self, user: UUID, values: TupleRow) -> Reminder:
        row = _Row._make(values)
        text = ""
        error: str | msgspec.UnsetType = msgspec.UNSET
        try:
            text = self._sealer.open(bytes(row.title), row.key_id, _binding(user, row.id))
        except SealError as broken:  # it must hide no other one, and can still be deleted
            error = broken.message
        return Reminder(
            id=row.id,
            kind=row.kind,
            title=text,
            status=row.state,
            remind_at=row.remind_at,
            due_at=row.due_at,
            snoozes=row.snoozes,
            snoozes_left=max(0, self._most_snoozes - row.snoozes),
            sound=row.sound,
            repeat=row.repeat,
            series_id=row.series_id,
            remaining_s=_remaining_s(row),
            created_at=row.created_at,
            updated_at=row.updated_at,
            error=error,
        )


def _remaining_s(row: _Row) -> int | None:
    if row.kind != "timer" or row.state != "scheduled":
        return None
    return max(0, math.ceil((row.remind_at - dt.datetime.now(dt.UTC)).total_seconds()))


def _binding(user: UUID, reminder: UUID) -> bytes:
    return b"reminders.title" + reminder.bytes + user.bytes
