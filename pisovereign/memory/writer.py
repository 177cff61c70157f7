"""Changes to one owner's memories, in one transaction and one after the other."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from pisovereign.languages import Language
from pisovereign.memory.records import MemoryRow
from pisovereign.memory.tables import MEMORIES
from pisovereign.search_index.vectors import as_halfvec
from pisovereign.search_index.versions import NewVersion, new_version
from pisovereign.storage.pool import Database

_ADD = """
INSERT INTO memories (id, user_id, memory_type, key_id, content, summary, tags)
VALUES (%(id)s, %(user)s, %(kind)s, %(key_id)s, %(content)s, %(summary)s, %(tags)s)
"""
_ADD_STATE = """
INSERT INTO memory_state (memory_id, user_id, base_importance, importance)
VALUES (%(id)s, %(user)s, %(importance)s, %(importance)s)
"""
_REPLACE = """
UPDATE memories SET memory_type = %(kind)s, key_id = %(key_id)s, content = %(content)s,
    summary = %(summary)s, tags = %(tags)s, updated_at = now()
WHERE user_id = %(user)s AND id = %(id)s
"""
_REPLACE_STATE = """
UPDATE memory_state
SET base_importance = %(importance)s, importance = %(importance)s, used_at = now()
WHERE user_id = %(user)s AND memory_id = %(id)s
"""
_PUT_TERMS = """
INSERT INTO memory_terms (memory_id, user_id, terms, counts, length, language)
VALUES (%(id)s, %(user)s, %(terms)s, %(counts)s, %(length)s, %(language)s)
ON CONFLICT (user_id, memory_id) DO UPDATE
SET terms = excluded.terms, counts = excluded.counts, length = excluded.length,
    language = excluded.language
"""
_PUT_EMBEDDING = """
INSERT INTO memory_embeddings (memory_id, user_id, model, embedding)
VALUES (%(id)s, %(user)s, %(model)s, %(embedding)s::halfvec)
ON CONFLICT (user_id, memory_id, model) DO UPDATE SET embedding = excluded.embedding
"""
# Only if the text is still the one that was embedded.
_PUT_LATE_EMBEDDING = """
INSERT INTO memory_embeddings (memory_id, user_id, model, embedding)
SELECT id, user_id, %(model)s, %(embedding)s::halfvec FROM memories
WHERE user_id = %(user)s AND id = %(id)s AND updated_at = %(updated_at)s
ON CONFLICT (user_id, memory_id, model) DO UPDATE SET embedding = excluded.embedding
"""
# What was stored before languages were has none yet.
_PUT_LATE_LANGUAGE = """
UPDATE memory_terms t SET language = %(language)s FROM memories m
WHERE t.user_id = %(user)s AND t.memory_id = %(id)s AND t.language IS NULL
  AND m.user_id = t.user_id AND m.id = t.memory_id AND m.updated_at = %(updated_at)s
"""
_DROP_EMBEDDINGS = """
DELETE FROM memory_embeddings WHERE user_id = %(user)s AND memory_id = %(id)s
"""
_SUPERSEDE = """
UPDATE memories SET superseded_by = %(by)s
WHERE user_id = %(user)s AND id = %(id)s AND id <> %(by)s
"""
_RESTORE = """
UPDATE memories SET superseded_by = NULL WHERE user_id = %(user)s AND superseded_by = %(id)s
RETURNING id
"""
_DELETE = "DELETE FROM memories WHERE user_id = %(user)s AND id = %(id)s"
_DELETE_ALL = "DELETE FROM memories WHERE user_id = %(user)s"


class LateVector(NamedTuple):
    """A vector that was made of a memory's text as it was at `updated_at`, and its language."""

    memory: UUID
    updated_at: dt.datetime
    vector: array[float]
    language: Language | None


class MemoryWriter:
    """Writes memories as one change of what their owner has."""

    def __init__(self, change: NewVersion) -> None:
        self._change = change
        self.connection = change.connection
        self.user = change.user

    async def add(self, row: MemoryRow) -> None:
        """Store a new memory."""
        await self._write(row, _ADD, _ADD_STATE)
        await self._put_vectors(row)

    async def replace(self, row: MemoryRow, *, keep_vectors: bool = False) -> None:
        """Store another text, kind and importance under the id of an old memory."""
        await self._write(row, _REPLACE, _REPLACE_STATE)
        if not keep_vectors:
            await self._run(_DROP_EMBEDDINGS, id=row.id)
            await self._put_vectors(row)

    async def put_late_vectors(self, model: str, late: Iterable[LateVector]) -> None:
        """Give memories vectors of a model, unless they were changed or deleted meanwhile."""
        async with self.connection.pipeline():
            for memory, updated_at, vector, language in late:
                values = {"id": memory, "updated_at": updated_at, "embedding": as_halfvec(vector)}
                await self._run(_PUT_LATE_EMBEDDING, model=model, **values)
                if language is not None:
                    await self._run(_PUT_LATE_LANGUAGE, language=language, **values)
                await self._note(memory)

    async def supersede(self, memory: UUID, by: UUID) -> bool:
        """Let the correction `by` take the place of a memory in searches; False: there is none."""
        cursor = await self._run(_SUPERSEDE, id=memory, by=by)
        await self._note(memory)
        return cursor.rowcount > 0

    async def delete(self, memory: UUID) -> bool:
        """Delete a memory with all that belongs to it; what it corrected counts again."""
        for (restored,) in await (await self._run(_RESTORE, id=memory)).fetchall():
            await self._note(restored)
        cursor = await self._run(_DELETE, id=memory)
        await self._note(memory)
        return cursor.rowcount > 0

    async def delete_all(self) -> int:
        """Delete every memory of the owner; returns how many there were."""
        cursor = await self._run(_DELETE_ALL)
        await self._change.note_all()
        return cursor.rowcount

    async def _write(self, row: MemoryRow, *statements: str) -> None:
        values = row.parameters()
        async with self.connection.pipeline():
            for statement in (*statements, _PUT_TERMS):
                await self._run(statement, **values)
            await self._note(row.id)

    async def _put_vectors(self, row: MemoryRow) -> None:
        for model, vector in row.vectors.items():
            await self._run(_PUT_EMBEDDING, id=row.id, model=model, embedding=as_halfvec(vector))

    async def _note(self, memory: UUID) -> None:
        await self._change.note([memory])

    async def _run(self, statement: str, **values: Any) -> AsyncCursor[TupleRow]:
        return await self.connection.execute(statement, {"user": self.user, **values})


@asynccontextmanager
async def open_writer(
    database: Database, user: UUID, *, within_quota: bool = False
) -> AsyncIterator[MemoryWriter]:
    """Open a transaction in which nobody else changes this owner's memories.

    Raises:
        StorageFull: as `Database.transaction` does.
        ServiceUnavailable: the database is away, or the owner's turn did not come in time.
    """
    async with new_version(database, MEMORIES, user, within_quota=within_quota) as change:
        yield MemoryWriter(change)
