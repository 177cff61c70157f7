"""Approvals in PostgreSQL. Each change of a status is one statement that names the one before."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.approvals.sealed import ContentBinding
from pisovereign.approvals.types import ListQuery, Status
from pisovereign.storage.pool import Connection

_COLUMNS = """
SELECT id, kind, status, key_id, content, asked_by, created_at, expires_at, decided_by, decided_at,
       finished_at, outcome
FROM approvals"""
_CLOCK = """
SELECT now(), (SELECT count(*) FROM approvals WHERE user_id = %(user)s AND status = 'pending')
"""
_ADD = """
INSERT INTO approvals (user_id, id, kind, key_id, content, asked_by, created_at, expires_at)
VALUES (%(user)s, %(id)s, %(kind)s, %(key_id)s, %(content)s, %(by)s, %(now)s, %(until)s)
"""
_GET = f"{_COLUMNS} WHERE user_id = %(user)s AND id = %(id)s"
_PAGE = f"""
{_COLUMNS} WHERE user_id = %(user)s AND (%(status)s::text IS NULL OR status = %(status)s
    OR %(status)s = 'decided' AND status <> 'pending')
ORDER BY seq DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = """
SELECT count(*) FROM approvals
WHERE user_id = %(user)s AND (%(status)s::text IS NULL OR status = %(status)s
    OR %(status)s = 'decided' AND status <> 'pending')
"""
_UNDECIDED = """
SELECT id FROM approvals
WHERE user_id = %(user)s AND id = ANY(%(ids)s) AND status IN ('pending', 'approved')
"""
_APPROVE = """
UPDATE approvals SET status = 'approved', decided_by = %(by)s, decided_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND status = 'pending' AND expires_at > now()
"""
_REFUSE = """
UPDATE approvals SET status = %(status)s, decided_by = %(by)s, decided_at = now(),
    finished_at = now(), outcome = %(outcome)s
WHERE user_id = %(user)s AND id = %(id)s AND status = 'pending' AND expires_at > now()
"""
_STOP = """
UPDATE approvals SET stop = true
WHERE user_id = %(user)s AND id = ANY(%(ids)s) AND status = 'approved'
"""
_STOPPED = "SELECT 1 FROM approvals WHERE user_id = %(user)s AND id = %(id)s AND stop"
_FINISH = """
UPDATE approvals SET status = %(status)s, finished_at = now(), outcome = %(outcome)s
WHERE user_id = %(user)s AND id = %(id)s AND status = 'approved'
"""
# Not if somebody asked for it to end meanwhile: then it is over.
_RETURN = """
UPDATE approvals SET status = 'pending', decided_by = NULL, decided_at = NULL
WHERE user_id = %(user)s AND id = %(id)s AND status = 'approved' AND NOT stop
"""
_EXPIRE = """
UPDATE approvals SET status = 'expired', finished_at = now()
WHERE user_id = %(user)s AND id IN (
    SELECT id FROM approvals
    WHERE user_id = %(user)s AND status = 'pending' AND expires_at <= now()
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_INTERRUPT = """
UPDATE approvals SET status = 'failed', finished_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND status = 'approved'
"""


class Row(NamedTuple):
    """An approval as it is stored."""

    user: UUID
    id: UUID
    kind: str
    status: Status
    key_id: str
    content: bytes
    asked_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    finished_at: dt.datetime | None
    outcome: bytes | None

    @property
    def binding(self) -> ContentBinding:
        """Return what the content is bound to."""
        return ContentBinding(self.user, self.id, self.kind, self.expires_at)


async def clock(connection: Connection, user: UUID) -> tuple[dt.datetime, int]:
    """Return the database's time, and how many approvals of the user are pending."""
    row = await (await connection.execute(_CLOCK, {"user": user})).fetchone()
    assert row is not None
    return row[0], row[1]


async def add(
    connection: Connection,
    binding: ContentBinding,
    key_id: str,
    content: bytes,
    *,
    by: str,
    now: dt.datetime,
) -> Row:
    """Store a new approval."""
    values = {
        "user": binding.user,
        "id": binding.id,
        "kind": binding.kind,
        "until": binding.expires_at,
    }
    values |= {"key_id": key_id, "content": content, "by": by, "now": now}
    row = await _changed(connection, _ADD, values)
    assert row is not None
    return row


async def get(connection: Connection, user: UUID, approval: UUID) -> Row | None:
    """Return one approval; None: unknown, or somebody else's."""
    row = await (await connection.execute(_GET, {"user": user, "id": approval})).fetchone()
    return None if row is None else Row(user, *row)


async def page(connection: Connection, user: UUID, query: ListQuery) -> tuple[list[Row], int]:
    """Return a page of approvals, the newest first, and how many there are."""
    values = {"user": user, **msgspec.structs.asdict(query)}
    rows = await (await connection.execute(_PAGE, values)).fetchall()
    total = await (await connection.execute(_COUNT, values)).fetchone()
    assert total is not None
    return [Row(user, *row) for row in rows], total[0]


async def undecided(connection: Connection, user: UUID, approvals: list[UUID]) -> set[UUID]:
    """Return which of these are pending, or being carried out."""
    cursor = await connection.execute(_UNDECIDED, {"user": user, "ids": approvals})
    return {row[0] for row in await cursor.fetchall()}


async def approve(connection: Connection, user: UUID, approval: UUID, by: str) -> Row | None:
    """Approve a pending one, to carry it out; None: it is not pending, or too old."""
    values = {"user": user, "id": approval, "by": by}
    return await _changed(connection, _APPROVE, values)


async def refuse(
    connection: Connection, user: UUID, approval: UUID, status: Status, *, by: str, outcome: bytes
) -> Row | None:
    """Deny or cancel a pending one; None: it is not pending, or too old."""
    values = {"user": user, "id": approval, "status": status, "by": by, "outcome": outcome}
    return await _changed(connection, _REFUSE, values)


async def stop(connection: Connection, user: UUID, approvals: list[UUID]) -> None:
    """Ask whoever carries these out to end before they are done."""
    await connection.execute(_STOP, {"user": user, "ids": approvals})


async def is_stopped(connection: Connection, user: UUID, approval: UUID) -> bool:
    """Return whether somebody asked for that."""
    cursor = await connection.execute(_STOPPED, {"user": user, "id": approval})
    return await cursor.fetchone() is not None


async def finish(
    connection: Connection, user: UUID, approval: UUID, status: Status, outcome: bytes
) -> Row | None:
    """Store what came of an approved one; None: it is over already."""
    values = {"user": user, "id": approval, "status": status, "outcome": outcome}
    return await _changed(connection, _FINISH, values)


async def give_back(connection: Connection, user: UUID, approval: UUID) -> Row | None:
    """Let an approved one wait again; None: it is over already, or is to end."""
    return await _changed(connection, _RETURN, {"user": user, "id": approval})


async def interrupt(connection: Connection, user: UUID, approval: UUID) -> Row | None:
    """Note that nobody carries an approved one out any more; None: it is over already."""
    return await _changed(connection, _INTERRUPT, {"user": user, "id": approval})


async def expire(connection: Connection, user: UUID, limit: int) -> list[Row]:
    """Let those expire that were not decided in time, and return them."""
    cursor = await connection.execute(_EXPIRE, {"user": user, "limit": limit})
    settled = [await get(connection, user, row[0]) for row in await cursor.fetchall()]
    return [row for row in settled if row is not None]


async def _changed(connection: Connection, statement: str, values: dict[str, Any]) -> Row | None:
    """Return the approval after a statement that changed it; None: it changed nothing."""
    cursor = await connection.execute(statement, values)
    return await get(connection, values["user"], values["id"]) if cursor.rowcount else None
