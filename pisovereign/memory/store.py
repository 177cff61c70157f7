"""Reading memories from PostgreSQL; the owner is in every statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.errors import NotFound
from pisovereign.memory.records import SealedText
from pisovereign.memory.types import KINDS, Kind
from pisovereign.search_index.terms import Terms
from pisovereign.storage.pool import Connection, Database

_COLUMNS = """
SELECT m.id, m.memory_type, m.key_id, m.content, m.summary, m.tags, m.superseded_by, m.created_at,
       m.updated_at, s.base_importance, s.importance, s.access_count, s.used_at"""
_STATE = "JOIN memory_state s ON s.user_id = m.user_id AND s.memory_id = m.id"
_GET = f"{_COLUMNS} FROM memories m {_STATE} WHERE m.user_id = %(user)s AND m.id = %(id)s"
# The limit comes before the join: without statistics the planner joins everything, and then sorts.
_NEWEST = """
SELECT * FROM memories
WHERE user_id = %(user)s AND (%(kind)s::text IS NULL OR memory_type = %(kind)s)
ORDER BY seq DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_NEXT = """
SELECT * FROM memories WHERE user_id = %(user)s AND seq > %(seq)s ORDER BY seq LIMIT %(limit)s
"""
_LIST = f"{_COLUMNS} FROM ({_NEWEST}) m {_STATE} ORDER BY m.seq DESC"
_AFTER = f"{_COLUMNS}, m.seq FROM ({_NEXT}) m {_STATE} ORDER BY m.seq"
_COUNT = """
SELECT count(*) FROM memories
WHERE user_id = %(user)s AND (%(kind)s::text IS NULL OR memory_type = %(kind)s)
"""
_COUNT_KINDS = """
SELECT memory_type, count(*) FROM memories WHERE user_id = %(user)s GROUP BY memory_type
"""
_COUNT_EMBEDDED = """
SELECT model, count(*) FROM memory_embeddings WHERE user_id = %(user)s GROUP BY model
"""
# An index finds the few memories that have some of the terms; comparing all of them decides.
_SAME_TERMS = """
SELECT m.id FROM memory_terms t JOIN memories m ON m.user_id = t.user_id AND m.id = t.memory_id
WHERE t.user_id = %(user)s AND t.terms @> %(some)s::bigint[]
  AND t.terms = %(terms)s::bigint[] AND t.counts = %(counts)s::smallint[]
  AND m.memory_type = %(kind)s AND m.superseded_by IS NULL
ORDER BY m.seq LIMIT %(limit)s
"""
_COMPARED_TERMS = 8
_SUPERSEDED = """
SELECT id FROM memories WHERE user_id = %(user)s AND superseded_by = %(id)s ORDER BY seq
"""
_FOUND = f"""
{_COLUMNS} FROM memories m {_STATE}
WHERE m.user_id = %(user)s AND m.id = ANY(%(ids)s) AND s.memory_id = ANY(%(ids)s)
"""


class StoredMemory(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    id: UUID
    kind: Kind
    sealed: SealedText
    superseded_by: UUID | None
    created_at: dt.datetime
    updated_at: dt.datetime
    base_importance: float
    importance: float
    access_count: int
    used_at: dt.datetime


async def get(connection: Connection, user: UUID, memory: UUID) -> StoredMemory:
    """Return one memory.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    row = await (await connection.execute(_GET, {"user": user, "id": memory})).fetchone()
    if row is None:
        raise NotFound("No such memory")
    return _stored(row)


async def superseded_by(connection: Connection, user: UUID, memory: UUID) -> list[UUID]:
    """Return the memories whose place one took, the oldest first."""
    values = {"user": user, "id": memory}
    rows = await (await connection.execute(_SUPERSEDED, values)).fetchall()
    return [row[0] for row in rows]


async def page(
    connection: Connection, user: UUID, kind: Kind | None, limit: int, offset: int
) -> tuple[list[StoredMemory], int]:
    """Return a page of the user's memories, the newest first, and how many there are."""
    values = {"user": user, "kind": kind, "limit": limit, "offset": offset}
    listed = await (await connection.execute(_LIST, values)).fetchall()
    total = await (await connection.execute(_COUNT, values)).fetchone()
    assert total is not None
    return await made_in_parts(_stored, listed), total[0]


async def after(
    connection: Connection, user: UUID, seq: int, limit: int
) -> tuple[list[StoredMemory], int]:
    """Return memories after number `seq`, the oldest first, and the number of the last one."""
    values = {"user": user, "seq": seq, "limit": limit}
    rows = await (await connection.execute(_AFTER, values)).fetchall()
    return [_stored(row[:-1]) for row in rows], rows[-1][-1] if rows else seq


async def count_kinds(connection: Connection, user: UUID) -> dict[Kind, int]:
    """Return how many memories there are of each kind, including kinds without any."""
    rows = await (await connection.execute(_COUNT_KINDS, {"user": user})).fetchall()
    return dict.fromkeys(KINDS, 0) | dict(rows)


async def count_embedded(connection: Connection, user: UUID) -> dict[str, int]:
    """Return how many memories have a vector of each model that any has one of."""
    return dict(await (await connection.execute(_COUNT_EMBEDDED, {"user": user})).fetchall())


async def with_terms(
    connection: Connection, user: UUID, kind: Kind, terms: Terms, limit: int
) -> list[UUID]:
    """Return the user's memories of a kind with exactly these terms, the oldest first."""
    values = {
        "user": user,
        "kind": kind,
        "some": terms.hashes[:_COMPARED_TERMS].tolist(),
        "terms": terms.hashes.tolist(),
        "counts": terms.counts.tolist(),
        "limit": limit,
    }
    rows = await (await connection.execute(_SAME_TERMS, values)).fetchall()
    return [row[0] for row in rows]


async def found(database: Database, user: UUID, ids: Sequence[UUID]) -> dict[UUID, StoredMemory]:
    """Return the memories of a search that still exist."""
    rows = await database.fetch(user, _FOUND, {"user": user, "ids": list(ids)})
    return {row[0]: _stored(row) for row in rows}


def _stored(row: TupleRow) -> StoredMemory:
    return StoredMemory(
        id=row[0],
        kind=row[1],
        sealed=SealedText(*row[2:6]),
        superseded_by=row[6],
        created_at=row[7],
        updated_at=row[8],
        base_importance=row[9],
        importance=row[10],
        access_count=row[11],
        used_at=row[12],
    )
