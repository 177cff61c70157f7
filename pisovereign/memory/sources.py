"""Why something is remembered: the occasions on which it came, kept beside each memory."""

from __future__ import annotations

from typing import Literal, NamedTuple
from uuid import UUID

from pisovereign.errors import SealError
from pisovereign.memory.types import MemoryOrigin, Source
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

Origin = Literal["said", "asked", "added", "imported"]
MOST_SOURCES = 10
"""Of one memory; the oldest make room."""

_ADD = """
INSERT INTO memory_sources (user_id, memory_id, origin, message_id, key_id, sentence)
SELECT %(user)s, %(memory)s, %(origin)s, %(message)s, %(key)s, %(sentence)s
WHERE NOT EXISTS (SELECT FROM memory_sources
    WHERE user_id = %(user)s AND memory_id = %(memory)s AND message_id = %(message)s)
"""
_CUT = """
DELETE FROM memory_sources WHERE user_id = %(user)s AND memory_id = %(memory)s AND seq NOT IN (
    SELECT seq FROM memory_sources WHERE user_id = %(user)s AND memory_id = %(memory)s
    ORDER BY seq DESC LIMIT %(most)s)
"""
_BLANK = """
UPDATE memory_sources SET sentence = NULL WHERE user_id = %(user)s AND memory_id = %(memory)s
"""
_STATE = """
SELECT base_importance, importance, used_at, access_count FROM memory_state
WHERE user_id = %(user)s AND memory_id = %(memory)s
"""
_LIST = """
SELECT s.origin, s.at, s.message_id, m.conversation_id, s.key_id, s.sentence
FROM memory_sources s LEFT JOIN messages m ON m.user_id = s.user_id AND m.id = s.message_id
WHERE s.user_id = %(user)s AND s.memory_id = %(memory)s ORDER BY s.seq DESC
"""


class NewSource(NamedTuple):
    """An occasion: how it came, in which words, and the answer to the message that said it."""

    origin: Origin
    sentence: str | None = None
    message: UUID | None = None


class MemorySources:
    """Stores and shows occasions; each method is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def add(
        self, connection: Connection, user: UUID, memory: UUID, source: NewSource
    ) -> None:
        """Store an occasion; one message is one, however often it is learned from."""
        sealed = None
        if source.sentence is not None:
            sealed = self._sealer.seal(source.sentence, aad=_binding(user, memory)).data
        values = {
            "user": user,
            "memory": memory,
            "origin": source.origin,
            "message": source.message,
            "key": self._sealer.key_id,
            "sentence": sealed,
            "most": MOST_SOURCES,
        }
        await connection.execute(_ADD, values)
        await connection.execute(_CUT, values)

    async def forget_words(self, connection: Connection, user: UUID, memory: UUID) -> None:
        """Delete the words of all occasions: somebody has put others in their place."""
        await connection.execute(_BLANK, {"user": user, "memory": memory})

    async def of(self, connection: Connection, user: UUID, memory: UUID) -> MemoryOrigin | None:
        """Return why something is remembered, the newest occasion first; None: no such memory."""
        values = {"user": user, "memory": memory}
        state = await (await connection.execute(_STATE, values)).fetchone()
        if state is None:
            return None
        given, left, used_at, count = state
        rows = await (await connection.execute(_LIST, values)).fetchall()
        return MemoryOrigin(
            given_importance=given,
            importance=left,
            used_at=used_at,
            access_count=count,
            sources=[
                Source(
                    origin=origin,
                    at=at,
                    message_id=message,
                    conversation_id=conversation,
                    sentence=self._open(user, memory, key_id, sealed),
                )
                for origin, at, message, conversation, key_id, sealed in rows
            ],
        )

    def _open(self, user: UUID, memory: UUID, key_id: str, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        try:
            return self._sealer.open(bytes(sealed), key_id, _binding(user, memory))
        except SealError:
            return None  # the memory's own text is not better off, and says so


def _binding(user: UUID, memory: UUID) -> bytes:
    return b"memory_sources.sentence" + memory.bytes + user.bytes
