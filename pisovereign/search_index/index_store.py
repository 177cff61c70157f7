"""The stored rows that indexes in memory are made of."""

from __future__ import annotations

import struct
from array import array
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from psycopg.rows import TupleRow

from pisovereign.search_index import database_ranking, versions
from pisovereign.search_index.collections import Collection
from pisovereign.search_index.index_types import Candidate, IndexRow, NearestQuery, RankQuery
from pisovereign.search_index.ranking import VectorModel
from pisovereign.storage.pool import Connection

_BATCH = 200
_SIZE = "SELECT count(*) FROM {terms} WHERE user_id = %(user)s"
_CHANGES = """
SELECT DISTINCT {key} FROM {changes}
WHERE user_id = %(user)s AND version > %(seen)s AND version <= %(version)s
"""
_COLUMNS = """
SELECT m.id, m.seq, ({told_at})::float8, {kind}, {hidden}, t.language, e.models, e.vectors,
       t.terms, t.counts, t.length
"""
_PARTS = """
JOIN {terms} t ON t.user_id = m.user_id AND t.{key} = m.id
LEFT JOIN LATERAL (
    SELECT array_agg(model) AS models, array_agg(halfvec_send(embedding)) AS vectors
    FROM {embeddings}
    WHERE user_id = m.user_id AND {key} = m.id AND model = ANY(%(models)s)
) e ON true
"""
_SOME_ROWS = (
    _COLUMNS + "FROM {texts} m " + _PARTS + "WHERE m.user_id = %(user)s AND m.id = ANY(%(ids)s)"
)
# The limit comes before the joins: without statistics the planner joins everything, and then sorts.
_NEXT = """
SELECT * FROM {texts} WHERE user_id = %(user)s AND seq > %(seq)s ORDER BY seq LIMIT %(batch)s
"""
_NEXT_ROWS = f"{_COLUMNS} FROM ({_NEXT}) m {_PARTS} ORDER BY m.seq"
_HALFVEC_HEADER = 4  # dimensions and a reserved field, 16 bits each


class IndexStore:
    """Reads what indexes of a collection need; `models` are those whose vectors count."""

    def __init__(self, collection: Collection, models: Sequence[VectorModel]) -> None:
        self.collection = collection
        self.models = models
        self._size = collection.sql(_SIZE).encode()
        self._changes = collection.sql(_CHANGES).encode()
        self._some_rows = collection.sql(_SOME_ROWS).encode()
        self._next_rows = collection.sql(_NEXT_ROWS).encode()
        self._dimensions = {model.id: model.dimensions for model in models}

    async def version(self, connection: Connection, user: UUID) -> int:
        """Return the version of the owner's memories; 0 before the first one."""
        return await versions.version(connection, self.collection, user)

    async def size(self, connection: Connection, user: UUID) -> int:
        """Return how many memories the owner has."""
        row = await (await connection.execute(self._size, {"user": user})).fetchone()
        return int(row[0]) if row else 0

    async def changed(
        self, connection: Connection, user: UUID, seen: int, version: int
    ) -> tuple[list[UUID], list[IndexRow]]:
        """Return what changed after `seen` up to `version`, and the rows that still exist."""
        values = {
            "user": user,
            "seen": seen,
            "version": version,
            "models": list(self._dimensions),
        }
        changes = await (await connection.execute(self._changes, values)).fetchall()
        ids = [row[0] for row in changes]
        values["ids"] = ids
        rows = await (await connection.execute(self._some_rows, values)).fetchall()
        return ids, [self._row(row) for row in rows]

    async def batches(self, connection: Connection, user: UUID) -> AsyncIterator[list[IndexRow]]:
        """Yield every memory of the owner, in batches that do not hold up other work for long."""
        values = {"user": user, "seq": 0, "batch": _BATCH, "models": list(self._dimensions)}
        while True:
            rows = await (await connection.execute(self._next_rows, values)).fetchall()
            if not rows:
                return
            found = [self._row(row) for row in rows]
            yield found
            values["seq"] = found[-1].number

    async def rank(self, connection: Connection, user: UUID, query: RankQuery) -> list[Candidate]:
        """Return what `OwnerIndex.rank` returns, computed by the database."""
        return await database_ranking.rank(connection, self.collection, user, query, self.models)

    async def nearest(
        self, connection: Connection, user: UUID, query: NearestQuery
    ) -> list[tuple[UUID, float]]:
        """Return what `OwnerIndex.nearest` returns, computed by the database."""
        return await database_ranking.nearest(connection, self.collection, user, query)

    def _row(self, row: TupleRow) -> IndexRow:
        (
            identifier, number, told_at, kind, hidden, language, models, sent, terms, counts, length
        ) = row  # fmt: skip
        vectors = zip(models or (), sent or (), strict=True)
        return IndexRow(
            id=identifier,
            number=number,
            told_at=told_at,
            kind=kind,
            hidden=hidden,
            language=language,
            vectors={model: _floats(vector, self._dimensions[model]) for model, vector in vectors},
            terms=array("q", terms),
            counts=array("i", counts),
            length=length,
        )


def _floats(sent: bytes, dimensions: int) -> array[float]:
    """Return the numbers of a halfvec in the form in which PostgreSQL sends it."""
    return array("f", struct.unpack_from(f">{dimensions}e", sent, _HALFVEC_HEADER))
