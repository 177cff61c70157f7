"""Vectors that memories lack: after an outage, or after other embedding models were configured."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from typing import NamedTuple
from uuid import UUID

from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, SealError
from pisovereign.languages.letters import likely_language
from pisovereign.memory.records import SealedText, TextSealer, embedded_text
from pisovereign.memory.tables import MEMORIES
from pisovereign.memory.writer import LateVector, open_writer
from pisovereign.search_index.versions import version as version_of
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
_BATCH = 32
_REMOVED_AT_ONCE = 1000
_MISSING = """
SELECT m.id, m.updated_at, m.key_id, m.content, m.summary, m.tags, m.seq FROM memories m
LEFT JOIN memory_embeddings e
    ON e.user_id = m.user_id AND e.memory_id = m.id AND e.model = %(model)s
WHERE m.user_id = %(user)s AND e.model IS NULL AND m.seq > %(seq)s
ORDER BY m.seq LIMIT %(batch)s
"""
_REMOVE = """
DELETE FROM memory_embeddings e
USING (
    SELECT memory_id, model FROM memory_embeddings
    WHERE user_id = %(user)s AND model <> ALL(%(models)s) LIMIT %(batch)s
) old
WHERE e.user_id = %(user)s AND e.memory_id = old.memory_id AND e.model = old.model
"""


class _Unread(NamedTuple):
    """A memory without a vector, and what the model is to read of it."""

    id: UUID
    updated_at: dt.datetime
    text: str


class Reembedder:
    """Gives an owner's memories vectors of all models that are in use, and removes other ones.

    Meanwhile memories are found by the vectors they have, and by their words.
    """

    def __init__(self, database: Database, sealer: TextSealer, encoders: EncoderSet) -> None:
        self._database = database
        self._sealer = sealer
        self._encoders = encoders
        # The version of an owner's memories at which nothing was left to do.
        self._finished: dict[UUID, int] = {}

    async def run(self, user: UUID) -> int:
        """Work until every memory that can be opened has its vectors; returns how many were made.

        Those of former models go last: until then, going back to one costs nothing.

        Raises:
            EngineUnavailable, EngineMisbehaved: a model is away; what was done is kept, also with
                the other models.
            ServiceUnavailable: the database is.
        """
        async with self._database.transaction(user) as connection:
            version = await version_of(connection, MEMORIES, user)
        if self._finished.get(user) == version:
            return 0
        made = 0
        failure: EngineUnavailable | EngineMisbehaved | None = None
        for encoder in self._encoders.encoders:
            try:
                made += await self._read_all(user, encoder)
            except (EngineUnavailable, EngineMisbehaved) as error:
                failure = error
        if failure is not None:
            raise failure
        await self._remove_others(user)
        self._finished[user] = version
        return made

    async def _read_all(self, user: UUID, encoder: Encoder) -> int:
        done = seen = 0
        while True:
            unread, seen = await self._after(user, encoder.model, seen)
            if not seen:
                break
            if not unread:
                continue
            vectors = await encoder.encode([memory.text for memory in unread], STORE_LIMIT_S)
            async with open_writer(self._database, user) as writer:
                await writer.put_late_vectors(
                    encoder.model,
                    [
                        LateVector(
                            memory.id, memory.updated_at, vector, likely_language(memory.text)
                        )
                        for memory, vector in zip(unread, vectors, strict=True)
                    ],
                )
            done += len(unread)
        if done:
            _log.info("the embedding model %s has read %d memories", encoder.model, done)
        return done

    async def _after(self, user: UUID, model: str, seen: int) -> tuple[list[_Unread], int]:
        """Return some memories without a vector after number `seen`, and the number of the last.

        Those that cannot be opened are left out. The number is 0 when there are none.
        """
        values = {"user": user, "model": model, "seq": seen, "batch": _BATCH}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_MISSING, values)).fetchall()
        unread = []
        for identifier, updated_at, *sealed, _ in rows:
            with contextlib.suppress(SealError):
                text = self._sealer.open(user, identifier, SealedText(*sealed))
                unread.append(_Unread(identifier, updated_at, embedded_text(text)))
        return unread, rows[-1][-1] if rows else 0

    async def _remove_others(self, user: UUID) -> None:
        """Remove vectors of models that are no longer in use, some at a time."""
        values = {
            "user": user,
            "models": list(self._encoders.models),
            "batch": _REMOVED_AT_ONCE,
        }
        removed = _REMOVED_AT_ONCE
        while removed == _REMOVED_AT_ONCE:
            async with self._database.transaction(user) as connection:
                removed = (await connection.execute(_REMOVE, values)).rowcount
