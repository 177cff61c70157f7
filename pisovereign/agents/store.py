"""Tasks and their parts in PostgreSQL; every statement names the owner.

What people, models and tools wrote is sealed, each text bound to its place.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from pisovereign.agents.types import (
    Draft,
    Part,
    PartOutcome,
    PartStatus,
    Request,
    TaskOutcome,
    TaskStatus,
)
from pisovereign.api_keys import Identity
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

T = TypeVar("T", Request, TaskOutcome, Draft, PartOutcome)
# What each kind of text is called in its binding.
_NAMES: dict[type[msgspec.Struct], bytes] = {
    Request: b"request",
    TaskOutcome: b"outcome",
    Draft: b"part",
    PartOutcome: b"part outcome",
}

_COLUMNS = """
SELECT id, status, key_id, request, outcome, asked_by, worked_s, tokens, created_at, finished_at,
       schedule
FROM agent_tasks"""
_ADD = """
INSERT INTO agent_tasks (user_id, id, key_id, request, asked_by, schedule)
VALUES (%(user)s, %(task)s, %(key)s, %(request)s, %(by)s, %(schedule)s) RETURNING created_at
"""
# Those who ask at the same time are counted one after the other.
_OPEN = """
SELECT count(*) FROM agent_tasks WHERE user_id = %(user)s AND finished_at IS NULL
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('agents ' || %(user)s::text, 0))"
_GET = f"{_COLUMNS} WHERE user_id = %(user)s AND id = %(task)s"
_PAGE = f"""
{_COLUMNS} WHERE user_id = %(user)s AND (%(status)s::text IS NULL OR status = %(status)s)
ORDER BY seq DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = """
SELECT count(*) FROM agent_tasks
WHERE user_id = %(user)s AND (%(status)s::text IS NULL OR status = %(status)s)
"""
_STATUS = """
UPDATE agent_tasks SET status = %(status)s WHERE user_id = %(user)s AND id = %(task)s
"""
_PLAN = """
UPDATE agent_tasks SET status = %(status)s, outcome = %(outcome)s
WHERE user_id = %(user)s AND id = %(task)s
"""
_FINISH = """
UPDATE agent_tasks
SET status = %(status)s, outcome = %(outcome)s, finished_at = now()
WHERE user_id = %(user)s AND id = %(task)s RETURNING schedule
"""
_ADD_WORK = """
UPDATE agent_tasks SET worked_s = worked_s + %(worked)s, tokens = tokens + %(tokens)s
WHERE user_id = %(user)s AND id = %(task)s AND finished_at IS NULL
"""
_AWAITED = """
SELECT task_id, approval_id FROM agent_parts
WHERE user_id = %(user)s AND task_id = ANY(%(tasks)s) AND status = 'awaiting_approval'
"""
# Parts go with them.
_PRUNE = """
DELETE FROM agent_tasks WHERE user_id = %(user)s AND id IN (
    SELECT id FROM agent_tasks
    WHERE user_id = %(user)s AND finished_at < now() - make_interval(days => %(days)s)
    ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_PARTS = """
SELECT task_id, number, status, depends_on, approval_id, key_id, content, outcome
FROM agent_parts WHERE user_id = %(user)s AND task_id = ANY(%(tasks)s) ORDER BY task_id, number
"""
_ADD_PART = """
INSERT INTO agent_parts (user_id, task_id, number, depends_on, key_id, content)
VALUES (%(user)s, %(task)s, %(number)s, %(depends_on)s, %(key)s, %(content)s)
"""
_SET_PART = """
UPDATE agent_parts
SET status = %(status)s, approval_id = coalesce(%(approval)s, approval_id), outcome = %(outcome)s
WHERE user_id = %(user)s AND task_id = %(task)s AND number = %(number)s
  AND status IN ('pending', 'awaiting_approval', 'running')
"""
_CANCEL_PARTS = """
UPDATE agent_parts SET status = 'cancelled'
WHERE user_id = %(user)s AND task_id = %(task)s
  AND status IN ('pending', 'awaiting_approval', 'running')
"""


class TaskRow(NamedTuple):
    """A task as it is stored."""

    user: UUID
    id: UUID
    status: TaskStatus
    key_id: str
    request: bytes
    outcome: bytes | None
    asked_by: str
    worked_s: float
    tokens: int
    created_at: dt.datetime
    finished_at: dt.datetime | None
    schedule: str | None

    @property
    def identity(self) -> Identity:
        """Return in whose name it works."""
        return Identity(self.user, frozenset(("user",)), self.asked_by)


class PartRow(NamedTuple):
    """A part as it is stored."""

    task: UUID
    number: int
    status: PartStatus
    depends_on: list[int]
    approval_id: UUID | None
    key_id: str
    content: bytes
    outcome: bytes | None


class TaskStore:
    """All SQL about tasks; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def count_open(self, connection: Connection, user: UUID) -> int:
        """Return how many tasks are not over; who asks next waits for this transaction."""
        await connection.execute(_ONE_AT_A_TIME, {"user": user})
        row = await (await connection.execute(_OPEN, {"user": user})).fetchone()
        assert row is not None
        return int(row[0])

    async def add(
        self,
        connection: Connection,
        user: UUID,
        task: UUID,
        request: Request,
        *,
        by: str,
        schedule: str | None = None,
    ) -> dt.datetime:
        """Store a new task, which a person or a schedule asks for; returns when."""
        values = {"user": user, "task": task, "key": self._sealer.key_id}
        values |= {"request": self._seal(request, user, task), "by": by, "schedule": schedule}
        row = await (await connection.execute(_ADD, values)).fetchone()
        assert row is not None
        made: dt.datetime = row[0]
        return made

    async def get(
        self, connection: Connection, user: UUID, task: UUID, *, lock: bool = False
    ) -> TaskRow | None:
        """Return one task; None: unknown, or somebody else's."""
        statement = f"{_GET} FOR UPDATE" if lock else _GET
        cursor = await connection.execute(statement.encode(), {"user": user, "task": task})
        row = await cursor.fetchone()
        return None if row is None else TaskRow(user, *row)

    async def page(
        self, connection: Connection, user: UUID, status: str | None, limit: int, offset: int
    ) -> tuple[list[TaskRow], int]:
        """Return a page of tasks, the newest first, and how many there are."""
        values = {"user": user, "status": status, "limit": limit, "offset": offset}
        rows = await (await connection.execute(_PAGE, values)).fetchall()
        total = await (await connection.execute(_COUNT, values)).fetchone()
        assert total is not None
        return [TaskRow(user, *row) for row in rows], total[0]

    async def parts(
        self, connection: Connection, user: UUID, tasks: list[UUID]
    ) -> dict[UUID, list[PartRow]]:
        """Return the parts of tasks, by task and in their order."""
        cursor = await connection.execute(_PARTS, {"user": user, "tasks": tasks})
        found: dict[UUID, list[PartRow]] = {task: [] for task in tasks}
        for row in await cursor.fetchall():
            part = PartRow(*row)
            found[part.task].append(part)
        return found

    def open_task(self, row: TaskRow) -> tuple[Request, TaskOutcome]:
        """Return what a task asks for, and what came of it.

        Raises:
            SealError: it was changed since.
        """
        place = _place(row.user, row.id)
        request = self._open(Request, row.request, row.key_id, place)
        if row.outcome is None:
            return request, TaskOutcome()
        return request, self._open(TaskOutcome, row.outcome, row.key_id, place)

    def open_part(self, user: UUID, row: PartRow) -> Part:
        """Return a part with its texts.

        Raises:
            SealError: they were changed since.
        """
        place = _place(user, row.task, row.number)
        draft = self._open(Draft, row.content, row.key_id, place)
        outcome = PartOutcome()
        if row.outcome is not None:
            outcome = self._open(PartOutcome, row.outcome, row.key_id, place)
        return Part(
            number=row.number,
            status=row.status,
            draft=msgspec.structs.replace(draft, depends_on=tuple(row.depends_on)),
            approval_id=row.approval_id,
            result=outcome.result,
            reason=outcome.reason,
        )

    async def set_status(
        self, connection: Connection, user: UUID, task: UUID, status: TaskStatus
    ) -> None:
        """Change a task's status to one that is not final."""
        values = {"user": user, "task": task, "status": status}
        await connection.execute(_STATUS, values)

    async def set_plan(
        self, connection: Connection, user: UUID, task: UUID, summary: str, drafts: list[Draft]
    ) -> None:
        """Store the parts of a task that is being planned."""
        outcome = self._seal(TaskOutcome(plan_summary=summary), user, task)
        values: dict[str, Any] = {"user": user, "task": task, "outcome": outcome}
        await connection.execute(_PLAN, values | {"status": "planning"})
        for number, draft in enumerate(drafts, 1):
            part = {
                "number": number,
                "depends_on": list(draft.depends_on),
                "key": self._sealer.key_id,
                "content": self._seal(draft, user, task, number),
            }
            await connection.execute(_ADD_PART, values | part)

    async def set_part(
        self,
        connection: Connection,
        user: UUID,
        task: UUID,
        number: int,
        status: PartStatus,
        *,
        approval: UUID | None = None,
        outcome: PartOutcome | None = None,
    ) -> bool:
        """Change a part; False: it is over already, and stays as it is."""
        values: dict[str, Any] = {"user": user, "task": task, "number": number, "status": status}
        values["approval"] = approval
        values["outcome"] = None if outcome is None else self._seal(outcome, user, task, number)
        return bool((await connection.execute(_SET_PART, values)).rowcount)

    async def cancel_parts(self, connection: Connection, user: UUID, task: UUID) -> None:
        """Cancel what is not over."""
        await connection.execute(_CANCEL_PARTS, {"user": user, "task": task})

    async def finish(
        self,
        connection: Connection,
        user: UUID,
        task: UUID,
        status: TaskStatus,
        outcome: TaskOutcome,
    ) -> str | None:
        """Bring a task to its end: nothing about it changes any more; returns its schedule."""
        sealed = self._seal(outcome, user, task)
        values = {"user": user, "task": task, "status": status, "outcome": sealed}
        row = await (await connection.execute(_FINISH, values)).fetchone()
        schedule: str | None = row[0] if row else None
        return schedule

    async def add_work(
        self, connection: Connection, user: UUID, task: UUID, worked_s: float, tokens: int
    ) -> None:
        """Note what a task that is not over has taken since the last time."""
        values = {"user": user, "task": task, "worked": worked_s, "tokens": tokens}
        await connection.execute(_ADD_WORK, values)

    async def awaited(
        self, connection: Connection, user: UUID, tasks: list[UUID]
    ) -> dict[UUID, list[UUID]]:
        """Return the approvals that the parts of each task wait for."""
        cursor = await connection.execute(_AWAITED, {"user": user, "tasks": tasks})
        found: dict[UUID, list[UUID]] = {task: [] for task in tasks}
        for task, approval in await cursor.fetchall():
            found[task].append(approval)
        return found

    async def prune(self, connection: Connection, user: UUID, days: int, limit: int) -> list[UUID]:
        """Delete some of the tasks that have been over for so many days; returns them."""
        values = {"user": user, "days": days, "limit": limit}
        rows = await (await connection.execute(_PRUNE, values)).fetchall()
        return [row[0] for row in rows]

    def _seal(self, content: T, user: UUID, task: UUID, number: int = 0) -> bytes:
        text = msgspec.json.encode(content).decode()
        binding = _binding(type(content), _place(user, task, number))
        return self._sealer.seal(text, aad=binding).data

    def _open(self, kind: type[T], sealed: bytes, key_id: str, place: bytes) -> T:
        text = self._sealer.open(bytes(sealed), key_id, _binding(kind, place))
        return msgspec.json.decode(text, type=kind)


def _place(user: UUID, task: UUID, number: int = 0) -> bytes:
    """Return the place of a part, or of a task, which has the number 0."""
    return task.bytes + user.bytes + number.to_bytes(8, "big")


def _binding(kind: type[msgspec.Struct], place: bytes) -> bytes:
    return b"agents." + _NAMES[kind] + b"." + place
