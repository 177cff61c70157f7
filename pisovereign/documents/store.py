"""Documents and their passages in PostgreSQL; the owner is in every statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pisovereign.documents.formats.parsed import Format
from pisovereign.errors import NotFound
from pisovereign.storage.pool import Connection, Database

PIECE_BYTES = 1 << 20
_COLUMNS = """
SELECT d.id, d.number, d.key_id, d.name, d.title, d.format, d.size, d.pages, d.passages, d.state,
       d.error, d.created_at
FROM documents d"""
_GET = f"{_COLUMNS} WHERE d.user_id = %(user)s AND d.id = %(id)s"
_NEWEST = f"""
{_COLUMNS} WHERE d.user_id = %(user)s ORDER BY d.number DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_SOME = f"{_COLUMNS} WHERE d.user_id = %(user)s AND d.id = ANY(%(ids)s)"
# Of two files at once neither sees the other's size.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('documents ' || %(user)s::text, 0))"
_COUNT = "SELECT count(*) FROM documents WHERE user_id = %(user)s"
_USAGE = """
SELECT count(*), coalesce(sum(size), 0)::bigint, coalesce(sum(passages), 0)::bigint
FROM documents WHERE user_id = %(user)s
"""
# Only documents that are being read are counted: of those that are ready all passages are.
_READ = """
SELECT p.document_id, count(*) FROM passages p
WHERE p.user_id = %(user)s AND p.document_id = ANY(%(ids)s) AND NOT EXISTS (
    SELECT FROM unnest(%(models)s::text[]) AS wanted (model)
    WHERE NOT EXISTS (SELECT FROM passage_embeddings e WHERE e.user_id = p.user_id
        AND e.passage_id = p.id AND e.model = wanted.model))
GROUP BY p.document_id
"""
_ADD = """
INSERT INTO documents (user_id, id, key_id, name, digest, format, size)
VALUES (%(user)s, %(id)s, %(key)s, %(name)s, %(digest)s, %(format)s, %(size)s)
ON CONFLICT (user_id, digest) DO NOTHING
"""
_WITH_DIGEST = "SELECT id FROM documents WHERE user_id = %(user)s AND digest = %(digest)s"
_ADD_PIECE = """
INSERT INTO document_pieces (user_id, document_id, piece, content)
VALUES (%(user)s, %(id)s, %(piece)s, %(content)s)
"""
_PIECE = """
SELECT content FROM document_pieces
WHERE user_id = %(user)s AND document_id = %(id)s AND piece = %(piece)s
"""
_DELETE = "DELETE FROM documents WHERE user_id = %(user)s AND id = %(id)s"
_PASSAGE_IDS = """
SELECT id FROM passages WHERE user_id = %(user)s AND document_id = %(id)s LIMIT %(limit)s
"""
_DROP_PASSAGES = "DELETE FROM passages WHERE user_id = %(user)s AND document_id = %(id)s"
_SET_STATE = """
UPDATE documents SET state = %(state)s, error = %(error)s
WHERE user_id = %(user)s AND id = %(id)s
"""
_SET_TEXT = """
UPDATE documents
SET state = 'indexing', error = NULL, title = %(title)s, pages = %(pages)s,
    passages = %(passages)s
WHERE user_id = %(user)s AND id = %(id)s
"""
_ADD_PASSAGE = """
INSERT INTO passages (user_id, id, document_id, place, page, key_id, content, heading)
VALUES (%(user)s, %(id)s, %(document)s, %(place)s, %(page)s, %(key)s, %(content)s, %(heading)s)
"""
_ADD_TERMS = """
INSERT INTO passage_terms (user_id, passage_id, terms, counts, length, language)
VALUES (%(user)s, %(id)s, %(terms)s, %(counts)s, %(length)s, %(language)s)
"""
_PASSAGE_COLUMNS = """
SELECT p.id, p.document_id, p.place, p.page, p.key_id, p.content, p.heading FROM passages p"""
_PASSAGES = f"""
{_PASSAGE_COLUMNS} WHERE p.user_id = %(user)s AND p.document_id = %(id)s
ORDER BY p.place LIMIT %(limit)s OFFSET %(offset)s
"""
_SOME_PASSAGES = f"{_PASSAGE_COLUMNS} WHERE p.user_id = %(user)s AND p.id = ANY(%(ids)s)"
_NOT_READ = """ AND p.place > %(after)s AND EXISTS (
    SELECT FROM unnest(%(models)s::text[]) AS wanted (model)
    WHERE NOT EXISTS (SELECT FROM passage_embeddings e WHERE e.user_id = p.user_id
        AND e.passage_id = p.id AND e.model = wanted.model))
ORDER BY p.place LIMIT %(limit)s
"""
_UNREAD = f"{_PASSAGE_COLUMNS} WHERE p.user_id = %(user)s AND p.document_id = %(id)s {_NOT_READ}"
# Only of passages that are still there.
_PUT_EMBEDDING = """
INSERT INTO passage_embeddings (user_id, passage_id, model, embedding)
SELECT user_id, id, %(model)s, %(embedding)s::halfvec FROM passages
WHERE user_id = %(user)s AND id = %(id)s
ON CONFLICT (user_id, passage_id, model) DO UPDATE SET embedding = excluded.embedding
"""
_OTHER_MODELS = """
DELETE FROM passage_embeddings e USING passages p
WHERE e.user_id = %(user)s AND p.user_id = e.user_id AND p.id = e.passage_id
  AND p.document_id = %(id)s AND e.model <> ALL(%(models)s)
"""
# What lacks a vector of a model that is in use now.
_LACKING = """
SELECT d.id FROM documents d
WHERE d.user_id = %(user)s AND d.state = 'ready' AND EXISTS (
    SELECT FROM passages p, unnest(%(models)s::text[]) AS wanted (model)
    WHERE p.user_id = d.user_id AND p.document_id = d.id
      AND NOT EXISTS (SELECT FROM passage_embeddings e WHERE e.user_id = p.user_id
          AND e.passage_id = p.id AND e.model = wanted.model))
"""


class StoredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `state` is that of the table."""

    id: UUID
    number: int
    key_id: str
    name: bytes
    title: bytes | None
    format: Format
    size: int
    pages: int
    passages: int
    state: str
    error: str | None
    created_at: dt.datetime


class StoredPassage(NamedTuple):
    """One row."""

    id: UUID
    document: UUID
    place: int
    page: int
    key_id: str
    content: bytes
    heading: bytes


class Totals(NamedTuple):
    """The totals of a user's documents: their number, bytes and passages."""

    documents: int
    bytes: int
    passages: int


async def find(connection: Connection, user: UUID, document: UUID) -> StoredDocument | None:
    """Return a document; None: there is none of the user's."""
    cursor = await connection.execute(_GET, {"user": user, "id": document})
    row = await cursor.fetchone()
    return None if row is None else _stored(row)


async def get(connection: Connection, user: UUID, document: UUID) -> StoredDocument:
    """Return a document.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    found = await find(connection, user, document)
    if found is None:
        raise NotFound("No such document")
    return found


async def page(
    connection: Connection, user: UUID, limit: int, offset: int
) -> tuple[list[StoredDocument], int]:
    """Return a page of the user's documents, the newest first, and how many there are."""
    values = {"user": user, "limit": limit, "offset": offset}
    rows = await (await connection.execute(_NEWEST, values)).fetchall()
    total = await (await connection.execute(_COUNT, values)).fetchone()
    assert total is not None
    return [_stored(row) for row in rows], total[0]


async def some(database: Database, user: UUID, ids: Sequence[UUID]) -> dict[UUID, StoredDocument]:
    """Return documents that still exist."""
    rows = await database.fetch(user, _SOME, {"user": user, "ids": list(ids)})
    return {row[0]: _stored(row) for row in rows}


async def totals(connection: Connection, user: UUID) -> Totals:
    """Return what the user's documents take."""
    row = await (await connection.execute(_USAGE, {"user": user})).fetchone()
    assert row is not None
    return Totals(*row)


async def count_read(
    connection: Connection, user: UUID, ids: Sequence[UUID], models: Sequence[str]
) -> dict[UUID, int]:
    """Return how many passages of documents all models have read."""
    values = {"user": user, "ids": list(ids), "models": list(models)}
    return dict(await (await connection.execute(_READ, values)).fetchall())


async def lock(connection: Connection, user: UUID) -> None:
    """Let nobody else add files of the user until the transaction ends."""
    await connection.execute(_LOCK, {"user": user})


async def add(connection: Connection, row: dict[str, Any]) -> UUID | None:
    """Store a document without its content; return the id of the one with the same bytes if any."""
    if (await connection.execute(_ADD, row)).rowcount:
        return None
    found = await (await connection.execute(_WITH_DIGEST, row)).fetchone()
    assert found is not None
    identifier: UUID = found[0]
    return identifier


async def add_piece(
    connection: Connection, user: UUID, document: UUID, piece: int, content: bytes
) -> None:
    """Store a sealed piece of a file."""
    values = {"user": user, "id": document, "piece": piece, "content": content}
    await connection.execute(_ADD_PIECE, values)


async def piece(database: Database, user: UUID, document: UUID, number: int) -> bytes | None:
    """Return a sealed piece of a file; None: there are no more."""
    values = {"user": user, "id": document, "piece": number}
    rows = await database.fetch(user, _PIECE, values)
    return bytes(rows[0][0]) if rows else None


async def delete(connection: Connection, user: UUID, document: UUID) -> bool:
    """Delete a document with all that belongs to it; False: there is none."""
    cursor = await connection.execute(_DELETE, {"user": user, "id": document})
    return cursor.rowcount > 0


async def passage_ids(connection: Connection, user: UUID, document: UUID, limit: int) -> list[UUID]:
    """Return the ids of a document's passages."""
    values = {"user": user, "id": document, "limit": limit}
    return [row[0] for row in await (await connection.execute(_PASSAGE_IDS, values)).fetchall()]


async def drop_passages(connection: Connection, user: UUID, document: UUID) -> None:
    """Delete the passages of a document with all that belongs to them."""
    await connection.execute(_DROP_PASSAGES, {"user": user, "id": document})


async def set_state(
    connection: Connection, user: UUID, document: UUID, state: str, error: str | None = None
) -> None:
    """Store how far a document is."""
    values = {"user": user, "id": document, "state": state, "error": error}
    await connection.execute(_SET_STATE, values)


async def set_text(
    connection: Connection, user: UUID, document: UUID, *, title: bytes, pages: int, count: int
) -> None:
    """Store what was read of a document, whose passages are stored by now."""
    values = {"user": user, "id": document, "title": title, "pages": pages, "passages": count}
    await connection.execute(_SET_TEXT, values)


async def add_passages(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store passages with their words."""
    async with connection.pipeline():
        for row in rows:
            await connection.execute(_ADD_PASSAGE, row)
            await connection.execute(_ADD_TERMS, row)


async def passages(
    connection: Connection, user: UUID, document: UUID, *, limit: int, offset: int
) -> list[StoredPassage]:
    """Return some passages of a document, in order."""
    values = {"user": user, "id": document, "limit": limit, "offset": offset}
    rows = await (await connection.execute(_PASSAGES, values)).fetchall()
    return [StoredPassage(*row) for row in rows]


async def some_passages(
    database: Database, user: UUID, ids: Sequence[UUID]
) -> dict[UUID, StoredPassage]:
    """Return passages that still exist."""
    rows = await database.fetch(user, _SOME_PASSAGES, {"user": user, "ids": list(ids)})
    return {row[0]: StoredPassage(*row) for row in rows}


async def unread(
    connection: Connection,
    user: UUID,
    document: UUID,
    models: Sequence[str],
    *,
    after: int,
    limit: int,
) -> list[StoredPassage]:
    """Return passages behind a place that some model has not read."""
    values = {
        "user": user,
        "id": document,
        "models": list(models),
        "after": after,
        "limit": limit,
    }
    rows = await (await connection.execute(_UNREAD, values)).fetchall()
    return [StoredPassage(*row) for row in rows]


async def put_embeddings(
    connection: Connection, user: UUID, model: str, vectors: Sequence[tuple[UUID, str]]
) -> None:
    """Store vectors of passages, as halfvecs."""
    async with connection.pipeline():
        for passage, vector in vectors:
            values = {"user": user, "id": passage, "model": model, "embedding": vector}
            await connection.execute(_PUT_EMBEDDING, values)


async def drop_other_models(
    connection: Connection, user: UUID, document: UUID, models: Sequence[str]
) -> None:
    """Delete vectors of models that are no longer in use."""
    values = {"user": user, "id": document, "models": list(models)}
    await connection.execute(_OTHER_MODELS, values)


async def lacking(connection: Connection, user: UUID, models: Sequence[str]) -> list[UUID]:
    """Return documents that some model has not read, though they were ready."""
    values = {"user": user, "models": list(models)}
    return [row[0] for row in await (await connection.execute(_LACKING, values)).fetchall()]


def _stored(row: TupleRow) -> StoredDocument:
    names = StoredDocument.__struct_fields__
    return StoredDocument(**dict(zip(names, row, strict=True)))
