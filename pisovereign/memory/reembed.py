"""Vectors for memories that the current model has not embedded: after a change or an outage."""

from __future__ import annotations

import datetime as dt
import logging
from typing import NamedTuple
from uuid import UUID

from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.errors import SealError
from pisovereign.memory import store
from pisovereign.memory.records import SealedText, TextSealer, embedded_text
from pisovereign.memory.writer import open_writer
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
_BATCH = 16
_MISSING = """
SELECT m.id, m.updated_at, m.key_id, m.content, m.summary, m.tags FROM memories m
LEFT JOIN memory_embeddings e ON e.memory_id = m.id AND e.user_id = m.user_id
WHERE m.user_id = %(user)s AND e.model IS DISTINCT FROM %(model)s AND m.id <> ALL(%(skip)s)
ORDER BY m.seq LIMIT %(batch)s
"""


class _Unread(NamedTuple):
    """A memory without a vector, and what the model is to read of it."""

    id: UUID
    updated_at: dt.datetime
    text: str


class Reembedder:
    """Gives an owner's memories vectors of the encoder's model.

    Meanwhile those without one are found by their words.
    """

    def __init__(self, database: Database, sealer: TextSealer, encoder: Encoder) -> None:
        self._database = database
        self._sealer = sealer
        self._encoder = encoder
        # The version of an owner's memories at which nothing was left to do.
        self._finished: dict[UUID, int] = {}

    async def run(self, user: UUID) -> int:
        """Work until every memory that can be opened has its vector; returns how many got one.

        Raises:
            EngineUnavailable: the model is away; what was done is kept.
            ServiceUnavailable: the database is.
        """
        async with self._database.transaction(user) as connection:
            version = await store.version(connection, user)
        if self._finished.get(user) == version:
            return 0
        done, damaged = 0, set[UUID]()
        while unread := await self._next(user, damaged):
            texts = [memory.text for memory in unread]
            vectors = await self._encoder.encode(texts, STORE_LIMIT_S)
            async with open_writer(self._database, user) as writer:
                for memory, vector in zip(unread, vectors, strict=True):
                    await writer.put_vector(
                        memory.id, memory.updated_at, self._encoder.model, vector
                    )
            done += len(unread)
        self._finished[user] = version
        if done:
            _log.info("the embedding model %s has read %d memories", self._encoder.model, done)
        return done

    async def _next(self, user: UUID, damaged: set[UUID]) -> list[_Unread]:
        """Return some memories without a vector; those that cannot be opened go to `damaged`."""
        values = {
            "user": user,
            "model": self._encoder.model,
            "skip": list(damaged),
            "batch": _BATCH,
        }
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_MISSING, values)).fetchall()
        unread = []
        for identifier, updated_at, *sealed in rows:
            try:
                text = self._sealer.open(user, identifier, SealedText(*sealed))
            except SealError:
                damaged.add(identifier)
            else:
                unread.append(_Unread(identifier, updated_at, embedded_text(text)))
        return unread if unread or not rows else await self._next(user, damaged)
