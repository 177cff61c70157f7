"""States of conversations in PostgreSQL, sealed; the owner is in every statement."""

from __future__ import annotations

import logging
from uuid import UUID

import msgspec

from pisovereign.dialogue.types import DialogueState, KnownState
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

_log = logging.getLogger(__name__)
_GET = """
SELECT s.key_id, s.state,
       extract(epoch FROM clock_timestamp() - s.updated_at)::float8,
       (SELECT count(*) FROM (
            SELECT FROM messages m
            WHERE m.user_id = s.user_id AND m.conversation_id = s.conversation_id
              AND m.role = 'user' AND m.created_at > s.updated_at
            LIMIT 100) AS later)
FROM dialogue_states s
WHERE s.user_id = %(user)s AND s.conversation_id = %(conversation)s
"""
_PUT = """
INSERT INTO dialogue_states (user_id, conversation_id, key_id, state)
VALUES (%(user)s, %(conversation)s, %(key)s, %(state)s)
ON CONFLICT (user_id, conversation_id) DO UPDATE
SET key_id = excluded.key_id, state = excluded.state, updated_at = now()
"""


class DialogueStore:
    """All SQL about the states of conversations."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(DialogueState)

    async def get(self, user: UUID, conversation: str) -> KnownState | None:
        """Return what is known of a conversation; None: nothing, or nothing that can be read."""
        key = {"user": user, "conversation": conversation}
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_GET, key)).fetchone()
        if row is None:
            return None
        key_id, sealed, age_s, turns = row
        try:
            text = self._sealer.open(bytes(sealed), key_id, _binding(user, conversation))
            return KnownState(self._decoder.decode(text), age_s, turns)
        except (SealError, msgspec.ValidationError):
            # Of a version that knew other commands, say. Nothing is lost but what "that" means.
            _log.warning("the state of a conversation cannot be read and is not used")
            return None

    async def put(
        self, connection: Connection, user: UUID, conversation: str, state: DialogueState
    ) -> None:
        """Store what a conversation is about now, in the transaction that stores the turn."""
        text = self._encoder.encode(state).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, conversation))
        values = {
            "user": user,
            "conversation": conversation,
            "key": sealed.key_id,
            "state": sealed.data,
        }
        await connection.execute(_PUT, values)


def _binding(user: UUID, conversation: str) -> bytes:
    return b"dialogue_states.state" + user.bytes + conversation.encode()
