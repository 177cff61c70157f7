"""States of conversations in PostgreSQL, sealed; the owner is in every statement."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import msgspec

from pisovereign.dialogue.types import DialogueState, KnownState
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

_log = logging.getLogger(__name__)
_GET = """
SELECT s.key_id, s.state,
       extract(epoch FROM clock_timestamp() - s.updated_at)::float8, s.version,
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
SET key_id = excluded.key_id, state = excluded.state, updated_at = now(),
    version = dialogue_states.version + 1,
    claimed_by = CASE WHEN dialogue_states.claimed_by = %(message)s THEN NULL
                 ELSE dialogue_states.claimed_by END
"""
# A process that died in between holds it no longer than this.
_CLAIM = """
UPDATE dialogue_states SET claimed_by = %(message)s, claimed_at = clock_timestamp()
WHERE user_id = %(user)s AND conversation_id = %(conversation)s AND version = %(version)s
  AND (claimed_by IS NULL OR claimed_by = %(message)s
       OR claimed_at < clock_timestamp() - %(limit)s * interval '1 second')
"""
_RELEASE = """
UPDATE dialogue_states SET claimed_by = NULL
WHERE user_id = %(user)s AND conversation_id = %(conversation)s AND claimed_by = %(message)s
"""
CLAIM_S = 30.0
"""How long a message may take for what it asks for before another one no longer waits for it."""


class StateTaken(Exception):
    """Another message has gone on from this state, or is about to."""


class DialogueStore:
    """All SQL about the states of conversations."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(DialogueState)

    def transaction(self, user: UUID) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction of the user."""
        return self._database.transaction(user)

    async def get(self, user: UUID, conversation: str) -> KnownState | None:
        """Return what is known of a conversation; None: nothing, or nothing that can be read."""
        key = {"user": user, "conversation": conversation}
        rows = await self._database.fetch(user, _GET, key)
        if not rows:
            return None
        key_id, sealed, age_s, version, turns = rows[0]
        try:
            text = self._sealer.open(bytes(sealed), key_id, _binding(user, conversation))
            return KnownState(self._decoder.decode(text), age_s, turns, version)
        except (SealError, msgspec.ValidationError):
            # Of a version that knew other commands, say. Nothing is lost but what "that" means.
            _log.warning("the state of a conversation cannot be read and is not used")
            return None

    async def claim(self, user: UUID, conversation: str, message: UUID, version: int) -> None:
        """Let one message go on from a state.

        Raises:
            StateTaken: there is a newer state, or another message goes on from this one.
        """
        values = {
            "user": user,
            "conversation": conversation,
            "message": message,
            "version": version,
            "limit": CLAIM_S,
        }
        async with self._database.transaction(user) as connection:
            claimed = await connection.execute(_CLAIM, values)
        if not claimed.rowcount:
            raise StateTaken

    async def release(self, user: UUID, conversation: str, message: UUID) -> None:
        """Let other messages go on from a state that a message did not change after all."""
        values = {"user": user, "conversation": conversation, "message": message}
        async with self._database.transaction(user) as connection:
            await connection.execute(_RELEASE, values)

    async def put(
        self,
        connection: Connection,
        user: UUID,
        conversation: str,
        state: DialogueState,
        message: UUID | None = None,
    ) -> None:
        """Store what a conversation is about now, in the transaction that stores the turn.

        What `message` has claimed is free again.
        """
        text = self._encoder.encode(state).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, conversation))
        values = {
            "user": user,
            "conversation": conversation,
            "key": sealed.key_id,
            "state": sealed.data,
            "message": message,
        }
        await connection.execute(_PUT, values)


def _binding(user: UUID, conversation: str) -> bytes:
    return b"dialogue_states.state" + user.bytes + conversation.encode()
