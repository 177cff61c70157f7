"""Which answers are being written; each call is part of a transaction of the user."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple
from uuid import UUID

from pisovereign.storage.pool import Connection

StreamState = Literal["running", "done", "stopped", "failed"]

_GET = """
SELECT state, conversation_id FROM answer_streams WHERE user_id = %(user)s AND id = %(id)s
"""
# Also for a message that is not there yet.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(id)s::text, 0))"
_RUNNING = "SELECT count(*) FROM answer_streams WHERE user_id = %(user)s AND state = 'running'"
_ANSWERING = """
SELECT id FROM answer_streams
WHERE user_id = %(user)s AND conversation_id = %(conversation)s AND state = 'running'
"""
_PUT = """
INSERT INTO answer_streams (user_id, id, conversation_id, job, grace_s, watched_until)
VALUES (%(user)s, %(id)s, %(conversation)s, %(job)s, %(grace)s,
        now() + make_interval(secs => %(until)s))
ON CONFLICT (user_id, id) DO UPDATE
SET conversation_id = excluded.conversation_id, job = excluded.job, state = 'running',
    stop = false, grace_s = excluded.grace_s, watched_until = excluded.watched_until,
    ended_at = NULL
"""
_WATCHED = """
UPDATE answer_streams SET watched_until = now() + make_interval(secs => grace_s + %(more)s)
WHERE user_id = %(user)s AND id = %(id)s AND state = 'running'
"""
_STOP = """
UPDATE answer_streams SET stop = true
WHERE user_id = %(user)s AND id = %(id)s AND state = 'running'
"""
_WANTED = """
SELECT stop, watched_until > now(), watched_until > now() + make_interval(secs => grace_s)
FROM answer_streams
WHERE user_id = %(user)s AND id = %(id)s AND job = %(job)s
"""
_END = """
UPDATE answer_streams SET state = %(state)s, ended_at = now()
WHERE user_id = %(user)s AND id = %(id)s AND job = %(job)s AND state = 'running'
"""
_OF_JOBS = """
UPDATE answer_streams SET state = 'failed', ended_at = now()
WHERE user_id = %(user)s AND job = ANY(%(jobs)s) AND state = 'running'
RETURNING id
"""
_DROP = "DELETE FROM answer_streams WHERE user_id = %(user)s AND id = %(id)s"
_OLD = """
SELECT id FROM answer_streams
WHERE user_id = %(user)s AND ended_at < now() - make_interval(secs => %(keep)s)
LIMIT 100 FOR UPDATE SKIP LOCKED
"""
_OF_CONVERSATION = """
SELECT id FROM answer_streams
WHERE user_id = %(user)s AND conversation_id = %(conversation)s FOR UPDATE
"""


class Wanted(NamedTuple):
    """Whether an answer is to end, whether somebody waits for it, and is looking at it now."""

    stop: bool
    watched: bool
    looking: bool


async def lock(connection: Connection, message: UUID) -> None:
    """Let nobody else begin to answer a message until the transaction ends."""
    await connection.execute(_LOCK, {"id": str(message)})


async def state(
    connection: Connection, user: UUID, message: UUID
) -> tuple[StreamState, str] | None:
    """Return how far an answer is, and its conversation; None: it has no stream."""
    row = await _one(connection, _GET, {"user": user, "id": message})
    return None if row is None else (row[0], row[1])


async def running(connection: Connection, user: UUID) -> int:
    """Return how many answers of a user are being written."""
    row = await _one(connection, _RUNNING, {"user": user})
    assert row is not None
    return int(row[0])


async def answering(connection: Connection, user: UUID, conversation: str) -> set[UUID]:
    """Return the messages of a conversation whose answers are being written."""
    values = {"user": user, "conversation": conversation}
    rows = await (await connection.execute(_ANSWERING, values)).fetchall()
    return {row[0] for row in rows}


async def put(connection: Connection, user: UUID, message: UUID, values: dict[str, Any]) -> None:
    """Store that an answer is begun: `conversation`, `job`, `grace`, and `until` in seconds."""
    await connection.execute(_PUT, {"user": user, "id": message} | values)


async def watched(connection: Connection, user: UUID, message: UUID, more_s: float) -> None:
    """Store that somebody watches an answer, and will for some seconds more."""
    await connection.execute(_WATCHED, {"user": user, "id": message, "more": more_s})


async def stop(connection: Connection, user: UUID, message: UUID) -> None:
    """Ask whoever writes an answer to end."""
    await connection.execute(_STOP, {"user": user, "id": message})


async def wanted(connection: Connection, user: UUID, message: UUID, job: UUID) -> Wanted:
    """Return what is asked of the writer of an answer."""
    row = await _one(connection, _WANTED, {"user": user, "id": message, "job": job})
    return Wanted(stop=True, watched=False, looking=False) if row is None else Wanted(*row)


async def end(
    connection: Connection, user: UUID, message: UUID, job: UUID, ended: StreamState
) -> bool:
    """Store that an answer is over; return whether it was this writer's."""
    values = {"user": user, "id": message, "job": job, "state": ended}
    return (await connection.execute(_END, values)).rowcount > 0


async def abandoned(connection: Connection, user: UUID, jobs: list[UUID]) -> list[UUID]:
    """Store that the writers of these jobs are gone, and return what they were answering."""
    values = {"user": user, "jobs": jobs}
    return [row[0] for row in await (await connection.execute(_OF_JOBS, values)).fetchall()]


async def drop(connection: Connection, user: UUID, message: UUID) -> None:
    """Delete what is known of an answer's stream."""
    await connection.execute(_DROP, {"user": user, "id": message})


async def old(connection: Connection, user: UUID, keep_s: float) -> list[UUID]:
    """Return answers whose streams ended so many seconds ago."""
    values = {"user": user, "keep": keep_s}
    return [row[0] for row in await (await connection.execute(_OLD, values)).fetchall()]


async def of_conversation(connection: Connection, user: UUID, conversation: str) -> list[UUID]:
    """Return all answers of a conversation that have streams."""
    values = {"user": user, "conversation": conversation}
    rows = await (await connection.execute(_OF_CONVERSATION, values)).fetchall()
    return [row[0] for row in rows]


async def _one(
    connection: Connection, statement: str, values: dict[str, Any]
) -> tuple[Any, ...] | None:
    return await (await connection.execute(statement.encode(), values)).fetchone()
