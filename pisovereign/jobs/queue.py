"""The durable queue in PostgreSQL, under everything that has to be done although processes end.

A job is added in the transaction that causes it. Whoever claims it gets a lease, which has to be
renewed, and an attempt number, which every later change asks for: one whose lease ran out, and whom
another one followed, changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pisovereign.errors import SealError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, JobState, NewJob, QueueSettings
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

_ADD = """
INSERT INTO jobs (user_id, queue, id, kind, subject, position, key_id, payload, expires_at, state,
                  settled_at)
SELECT %(user)s, %(queue)s, %(id)s, %(kind)s, %(subject)s, coalesce(%(position)s, now()), %(key)s,
       CASE WHEN within_quota THEN %(payload)s::bytea END,
       now() + make_interval(secs => %(expires)s),
       CASE WHEN within_quota THEN 'waiting' ELSE 'dropped' END,
       CASE WHEN within_quota THEN NULL ELSE now() END
FROM (
    SELECT %(most)s::int IS NULL OR %(most)s > (
        SELECT count(*) FROM jobs
        WHERE user_id = %(user)s AND queue = %(queue)s AND state IN ('waiting', 'running')
    ) AS within_quota
) quota
ON CONFLICT DO NOTHING
"""
# One that is done begins again, as another attempt: the worker of the one before changes nothing.
_BEGIN = """
INSERT INTO jobs AS job (user_id, queue, id, state, attempt, lease_until)
VALUES (%(user)s, %(queue)s, %(id)s, 'running', 1, now() + make_interval(secs => %(lease)s))
ON CONFLICT (user_id, queue, id) DO UPDATE
SET state = 'running', attempt = job.attempt + 1, lease_until = excluded.lease_until, error = NULL,
    settled_at = NULL
WHERE job.state = 'done'
RETURNING attempt
"""
# One at a time: the head is locked, so that one process decides, and nothing overtakes it. Where
# nothing is repeated, `give_up` settles what is running, and a lease may run out just after it.
_HEAD = """
SELECT id, extract(epoch FROM
    CASE state WHEN 'running' THEN lease_until ELSE ready_at END - clock_timestamp())::float8,
    state = 'waiting' OR %(repeats)s
FROM jobs WHERE user_id = %(user)s AND queue = %(queue)s AND state IN ('waiting', 'running')
ORDER BY state = 'running' DESC, position, seq LIMIT 1 FOR UPDATE
"""
_ANY = """
SELECT id, 0.0, true FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s
  AND (state = 'waiting' AND ready_at <= now()
       OR state = 'running' AND lease_until <= now() AND %(repeats)s)
ORDER BY position, seq LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_CLAIM = """
UPDATE jobs
SET state = 'running', attempt = attempt + 1,
    interruptions = interruptions + CASE state WHEN 'running' THEN 1 ELSE 0 END,
    lease_until = now() + make_interval(secs => %(lease)s)
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s
RETURNING kind, subject, position, attempt, interruptions, key_id, payload
"""
# Rows that somebody has locked are left to them: who ends a job locks other rows after it.
_GIVE_UP = """
UPDATE jobs
SET state = CASE state WHEN 'running' THEN 'uncertain' ELSE 'failed' END,
    error = CASE state WHEN 'running' THEN %(vanished)s ELSE coalesce(error, %(late)s) END,
    payload = NULL, lease_until = NULL, settled_at = now()
WHERE user_id = %(user)s AND queue = %(queue)s AND id IN (
    SELECT id FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s
      AND (state = 'running' AND lease_until <= now() AND NOT %(repeats)s
           OR state = 'waiting' AND expires_at <= now())
    ORDER BY position, seq FOR UPDATE SKIP LOCKED)
RETURNING id, kind, subject, state, error
"""
_END = """
UPDATE jobs SET state = 'done', payload = NULL, lease_until = NULL, settled_at = now()
WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s AND state IN ('waiting', 'running')
"""
_LOCK = (
    "SELECT 1 FROM jobs WHERE user_id = %(user)s AND queue = %(queue)s AND id = %(id)s FOR UPDATE"
)
_WAKE = """
UPDATE jobs SET ready_at = now()
WHERE user_id = %(user)s AND queue = %(queue)s AND id = ANY(%(ids)s) AND state = 'waiting'
"""
_PARKED = """
SELECT id FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND state = 'waiting' AND ready_at = 'infinity'
"""
_OPEN = """
SELECT EXISTS (SELECT FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s AND state IN ('waiting', 'running'))
"""
# Not what has to wait for something else to come back.
_DUE = """
SELECT EXISTS (SELECT FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s
      AND (state = 'waiting' AND ready_at <= now() OR state = 'running'))
"""
_WITHDRAW = """
DELETE FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND state = 'waiting'
  AND subject = %(subject)s
"""
_DISCARD = """
DELETE FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND state IN ('waiting', 'running')
"""
_FORGET = """
DELETE FROM jobs WHERE user_id = %(user)s AND queue = %(queue)s AND subject = %(subject)s
"""
# What another process deletes is left to it, as above.
_CLEAN = """
DELETE FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND id IN (
    SELECT id FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s
      AND settled_at < now() - make_interval(days => %(days)s)
    ORDER BY settled_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""
_LATEST = """
SELECT DISTINCT ON (subject) subject, state, coalesce(settled_at, created_at), error FROM jobs
WHERE user_id = %(user)s AND queue = %(queue)s AND subject = ANY(%(subjects)s)
ORDER BY subject, seq DESC
"""
_PLACED_WITHIN = """
SELECT EXISTS (SELECT FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s AND subject = %(subject)s
      AND position > now() - make_interval(secs => %(seconds)s))
"""
_DONE_WITHIN = """
SELECT EXISTS (SELECT FROM jobs
    WHERE user_id = %(user)s AND queue = %(queue)s AND subject = %(subject)s
      AND kind = %(kind)s AND state = 'done'
      AND settled_at > now() - make_interval(secs => %(seconds)s))
"""


class JobQueue:
    """One queue; each method is part of a transaction of the user.

    Args:
        settings: How it treats its jobs.
        sealer: Seals their payloads; None: they have none.
    """

    def __init__(self, settings: QueueSettings, sealer: Sealer | None = None) -> None:
        self.settings = settings
        self._sealer = sealer

    async def add(self, connection: Connection, user: UUID, job: NewJob) -> None:
        """Store a job, unless it was stored before; it is dropped if too many are waiting."""
        key_id = sealed = None
        if job.payload is not None:
            assert self._sealer is not None
            key_id, sealed = self._sealer.seal(job.payload, aad=self._binding(user, job.id))
        values = {
            "id": job.id,
            "kind": job.kind,
            "subject": job.subject,
            "position": job.position,
            "key": key_id,
            "payload": sealed,
            "expires": job.expires_s,
            "most": self.settings.most_waiting,
        }
        await connection.execute(_ADD, self._key(user) | values)

    async def begin(
        self, connection: Connection, user: UUID, identifier: UUID, lease_s: float
    ) -> ClaimedJob:
        """Store a job that whoever stores it works at, from now on; one that is done, again."""
        values = {"id": identifier, "lease": lease_s}
        cursor = await connection.execute(_BEGIN, self._key(user) | values)
        row = await cursor.fetchone()
        assert row is not None, "somebody works at it, or nobody may any more"
        return ClaimedJob(self.settings.name, user, identifier, attempt=row[0])

    async def claim(
        self, connection: Connection, user: UUID, lease_s: float
    ) -> ClaimedJob | float | None:
        """Claim the next job that may be run.

        Returns seconds, if an ordered queue has to wait for its oldest job; None without jobs.
        """
        statement = _HEAD if self.settings.ordered else _ANY
        while True:
            values = self._key(user) | {"repeats": self.settings.repeats}
            row = await (await connection.execute(statement, values)).fetchone()
            if row is None:
                return None
            identifier, wait_s, may_run = row
            if wait_s > 0 or not may_run:
                return max(0.0, float(wait_s))
            job = await self._claim(connection, user, identifier, lease_s)
            if job is not None:
                return job

    async def _claim(
        self, connection: Connection, user: UUID, identifier: UUID, lease_s: float
    ) -> ClaimedJob | None:
        """Claim a job; one that cannot be read fails, and must not keep others waiting."""
        values = self._key(user) | {"id": identifier, "lease": lease_s}
        row = await (await connection.execute(_CLAIM, values)).fetchone()
        assert row is not None
        kind, subject, position, attempt, interruptions, key_id, sealed = row
        job = ClaimedJob(
            self.settings.name,
            user,
            identifier,
            kind=kind,
            subject=subject,
            position=position,
            attempt=attempt,
            interruptions=interruptions,
        )
        if sealed is not None:
            assert self._sealer is not None
            try:
                job.payload = self._sealer.open(
                    bytes(sealed), key_id, self._binding(user, identifier)
                )
            except SealError as error:
                await job.settle(connection, "failed", error.message)
                return None
        return job

    async def give_up(self, connection: Connection, user: UUID) -> list[Abandoned]:
        """Settle what nobody may run any more, and return it; delete what was settled long ago."""
        settings = self.settings
        await connection.execute(_CLEAN, self._key(user) | {"days": settings.keep_days})
        values = {"vanished": settings.vanished, "late": settings.late}
        values |= self._key(user) | {"repeats": settings.repeats}
        cursor = await connection.execute(_GIVE_UP, values)
        return [Abandoned(user, *row) for row in await cursor.fetchall()]

    async def end(self, connection: Connection, user: UUID, identifier: UUID) -> None:
        """Bring an open job to its end, whoever works at it."""
        await connection.execute(_END, self._key(user) | {"id": identifier})

    async def lock(self, connection: Connection, user: UUID, identifier: UUID) -> None:
        """Wait for whoever is changing a job, and lock it until the end of the transaction."""
        await connection.execute(_LOCK, self._key(user) | {"id": identifier})

    async def wake(self, connection: Connection, user: UUID, jobs: Sequence[UUID]) -> None:
        """Let jobs be claimed now."""
        if jobs:
            await connection.execute(_WAKE, self._key(user) | {"ids": list(jobs)})

    async def parked(self, connection: Connection, user: UUID) -> list[UUID]:
        """Return the jobs that wait for `wake`."""
        cursor = await connection.execute(_PARKED, self._key(user))
        return [row[0] for row in await cursor.fetchall()]

    async def latest(
        self, connection: Connection, user: UUID, subjects: Sequence[UUID]
    ) -> dict[UUID, JobState]:
        """Return how far the last job about each of some things got."""
        values = self._key(user) | {"subjects": list(subjects)}
        rows = await (await connection.execute(_LATEST, values)).fetchall()
        return {row[0]: JobState(*row[1:]) for row in rows}

    async def placed_within(
        self, connection: Connection, user: UUID, subject: UUID, seconds: float
    ) -> bool:
        """Return whether a job about something has its place within the last seconds."""
        values = {"subject": subject, "seconds": seconds}
        return await self._is_true(connection, _PLACED_WITHIN, self._key(user) | values)

    async def done_within(
        self, connection: Connection, user: UUID, subject: UUID, kind: str, seconds: float
    ) -> bool:
        """Return whether a job of a kind about something was done within the last seconds."""
        values = {"subject": subject, "kind": kind, "seconds": seconds}
        return await self._is_true(connection, _DONE_WITHIN, self._key(user) | values)

    async def any_open(self, connection: Connection, user: UUID) -> bool:
        """Return whether a job is not settled."""
        return await self._is_true(connection, _OPEN, self._key(user))

    async def any_due(self, database: Database, user: UUID) -> bool:
        """Return whether a job is being done, or may be done now."""
        rows = await database.fetch(user, _DUE, self._key(user))
        return bool(rows and rows[0][0])

    async def discard(self, connection: Connection, user: UUID) -> None:
        """Delete every open job; whoever works at one is superseded."""
        await connection.execute(_DISCARD, self._key(user))

    async def withdraw(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete what waits about one thing."""
        await connection.execute(_WITHDRAW, self._key(user) | {"subject": subject})

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete every job about one thing."""
        await connection.execute(_FORGET, self._key(user) | {"subject": subject})

    async def _is_true(
        self, connection: Connection, statement: str, values: dict[str, Any]
    ) -> bool:
        row = await (await connection.execute(statement.encode(), values)).fetchone()
        return bool(row and row[0])

    def _key(self, user: UUID) -> dict[str, Any]:
        return {"user": user, "queue": self.settings.name}

    def _binding(self, user: UUID, identifier: UUID) -> bytes:
        return self.settings.sealed_as + identifier.bytes + user.bytes
