"""What the indexes in memory are made of, and the same ranking by the database alone."""

from __future__ import annotations

import struct
from array import array
from collections.abc import AsyncIterator
from uuid import UUID

from psycopg.rows import TupleRow

from pisovereign.engine_client.encoder import DIMENSIONS
from pisovereign.memory import store
from pisovereign.memory.index import K1, B, Candidate, IndexRow, Ranking, RankQuery
from pisovereign.memory.ranking import Scale
from pisovereign.memory.records import as_halfvec
from pisovereign.memory.types import Kind
from pisovereign.storage.pool import Connection

_BATCH = 200
_SIZE = "SELECT count(*) FROM memory_terms WHERE user_id = %(user)s"
_CHANGES = """
SELECT DISTINCT memory_id FROM memory_changes
WHERE user_id = %(user)s AND version > %(seen)s AND version <= %(version)s
"""
_COLUMNS = """
SELECT m.id, m.memory_type, m.superseded_by IS NOT NULL, halfvec_send(e.embedding), t.terms,
       t.counts, t.length, m.seq
"""
_PARTS = """
JOIN memory_terms t ON t.user_id = m.user_id AND t.memory_id = m.id
LEFT JOIN memory_embeddings e
    ON e.user_id = m.user_id AND e.memory_id = m.id AND e.model = %(model)s
"""
_SOME_ROWS = f"""
{_COLUMNS} FROM memories m {_PARTS} WHERE m.user_id = %(user)s AND m.id = ANY(%(ids)s)
"""
# The limit comes before the joins: without statistics the planner joins everything, and then sorts.
_NEXT = """
SELECT * FROM memories WHERE user_id = %(user)s AND seq > %(seq)s ORDER BY seq LIMIT %(batch)s
"""
_NEXT_ROWS = f"{_COLUMNS} FROM ({_NEXT}) m {_PARTS} ORDER BY m.seq"
# A vector stands in a subquery of its own, so that its text is read once and not for each row.
# Okapi BM25 over the owner's memories; idf as Lucene has it, which is never negative.
_RANK = """
WITH corpus AS (
    SELECT count(*)::float8 AS size, greatest(avg(length), 1)::float8 AS mean
    FROM memory_terms WHERE user_id = %(user)s
),
hit AS (
    SELECT t.memory_id, t.length, h.term, h.count
    FROM memory_terms t, unnest(t.terms, t.counts) AS h (term, count)
    WHERE t.user_id = %(user)s AND t.terms && %(terms)s AND h.term = ANY(%(terms)s)
),
idf AS (
    SELECT term, ln(1 + (size - count(*) + 0.5) / (count(*) + 0.5)) AS idf
    FROM hit, corpus GROUP BY term, size
),
lexical AS (
    SELECT memory_id, sum(
        idf * count * (%(k1)s + 1)
            / (count + %(k1)s * (1 - %(b)s + %(b)s * length / mean))
    ) AS bm25
    FROM hit JOIN idf USING (term), corpus GROUP BY memory_id
),
parts AS (
    SELECT m.id, 1 - (e.embedding <=> (SELECT %(vector)s::halfvec)) AS cosine,
        coalesce(l.bm25, 0) AS bm25
    FROM memories m
    LEFT JOIN memory_embeddings e
        ON e.memory_id = m.id AND e.user_id = m.user_id AND e.model = %(model)s
    LEFT JOIN lexical l ON l.memory_id = m.id
    WHERE m.user_id = %(user)s AND m.superseded_by IS NULL
      AND (%(kind)s::text IS NULL OR m.memory_type = %(kind)s)
),
scale AS (
    SELECT coalesce(greatest(max(cosine), 0), 0) AS cosine, coalesce(max(bm25), 0) AS bm25
    FROM parts
)
SELECT p.id, p.bm25, s.cosine, s.bm25 FROM parts p, scale s
WHERE (p.cosine IS NOT NULL OR p.bm25 > 0)
  AND (%(threshold)s::float8 IS NULL OR coalesce(p.cosine, 0) >= %(threshold)s)
ORDER BY %(dense_weight)s * coalesce(greatest(p.cosine, 0) / nullif(s.cosine, 0), 0)
       + (1 - %(dense_weight)s) * coalesce(p.bm25 / nullif(s.bm25, 0), 0) DESC, p.id
LIMIT %(count)s
"""
_NEAREST = """
SELECT m.id, 1 - (e.embedding <=> (SELECT %(vector)s::halfvec)) AS cosine
FROM memory_embeddings e JOIN memories m ON m.id = e.memory_id AND m.user_id = e.user_id
WHERE e.user_id = %(user)s AND e.model = %(model)s AND m.superseded_by IS NULL
  AND (%(kind)s::text IS NULL OR m.memory_type = %(kind)s)
ORDER BY cosine DESC LIMIT %(count)s
"""
_HALFVEC_HEADER = 4  # dimensions and a reserved field, 16 bits each


class IndexStore:
    """Reads what indexes need; `model` is the one whose vectors count."""

    def __init__(self, model: str) -> None:
        self._model = model

    async def version(self, connection: Connection, user: UUID) -> int:
        """Return the version of the owner's memories; 0 before the first one."""
        return await store.version(connection, user)

    async def size(self, connection: Connection, user: UUID) -> int:
        """Return how many memories the owner has."""
        row = await (await connection.execute(_SIZE, {"user": user})).fetchone()
        return int(row[0]) if row else 0

    async def changed(
        self, connection: Connection, user: UUID, seen: int, version: int
    ) -> tuple[list[UUID], list[IndexRow]]:
        """Return what changed after `seen` up to `version`, and the rows that still exist."""
        values = {"user": user, "seen": seen, "version": version, "model": self._model}
        changes = await (await connection.execute(_CHANGES, values)).fetchall()
        ids = [row[0] for row in changes]
        values["ids"] = ids
        rows = await (await connection.execute(_SOME_ROWS, values)).fetchall()
        return ids, [_index_row(row) for row in rows]

    async def batches(self, connection: Connection, user: UUID) -> AsyncIterator[list[IndexRow]]:
        """Yield every memory of the owner, in batches that do not hold up other work for long."""
        values = {"user": user, "seq": 0, "batch": _BATCH, "model": self._model}
        while True:
            rows = await (await connection.execute(_NEXT_ROWS, values)).fetchall()
            if not rows:
                return
            yield [_index_row(row) for row in rows]
            values["seq"] = rows[-1][-1]

    async def rank(self, connection: Connection, user: UUID, query: RankQuery) -> Ranking:
        """Return what `OwnerIndex.rank` returns, computed by the database."""
        values = {
            "user": user,
            "model": self._model,
            "vector": None if query.vector is None else as_halfvec(query.vector),
            "terms": query.terms.tolist(),
            "kind": query.kind,
            "threshold": query.threshold,
            "count": query.limit,
            "k1": K1,
            "b": B,
            "dense_weight": query.dense_weight,
        }
        rows = await (await connection.execute(_RANK, values)).fetchall()
        if not rows:
            return Ranking([], Scale(0.0, 0.0))
        return Ranking([Candidate(*row[:2]) for row in rows], Scale(*rows[0][2:]))

    async def nearest(
        self,
        connection: Connection,
        user: UUID,
        vector: array[float],
        kind: Kind | None,
        count: int,
    ) -> list[tuple[UUID, float]]:
        """Return what `OwnerIndex.nearest` returns, computed by the database."""
        values = {
            "user": user,
            "model": self._model,
            "vector": as_halfvec(vector),
            "kind": kind,
            "count": count,
        }
        rows = await (await connection.execute(_NEAREST, values)).fetchall()
        return [(row[0], row[1]) for row in rows]


def _index_row(row: TupleRow) -> IndexRow:
    identifier, kind, hidden, vector, terms, counts, length, _ = row
    return IndexRow(
        id=identifier,
        kind=kind,
        hidden=hidden,
        vector=None if vector is None else _floats(vector),
        terms=array("q", terms),
        counts=array("i", counts),
        length=length,
    )


def _floats(sent: bytes) -> array[float]:
    """Return the numbers of a halfvec in the form in which PostgreSQL sends it."""
    return array("f", struct.unpack_from(f">{DIMENSIONS}e", sent, _HALFVEC_HEADER))
