"""Messages that take the place of earlier ones: editing what was asked, and asking once more.

A conversation stays one line: with the answer to the new message the old one goes, and all that
followed it. Until then nothing is lost, so an answer that fails takes nothing away.

What was done stays done, and what was learned stays known: both have places of their own where
they are taken back. What only waits, an approval or a lesson, goes with the turn that asked for it.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.caller import approval_of
from pisovereign.approvals.service import ApprovalService
from pisovereign.chat.command_steps import MOST_STEPS, step_id
from pisovereign.chat.message_rows import MessageSealer
from pisovereign.chat.statements import VISIBLE
from pisovereign.chat.tool_turns import calls_of
from pisovereign.chat.types import ChatRequest, SpokenCommand
from pisovereign.chat.user_message import OpenTurn
from pisovereign.dialogue.service import DialogueService
from pisovereign.errors import Conflict, ValidationFailed
from pisovereign.memory.service import MemoryService
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

_FIND = """
SELECT m.seq, m.key_id, m.content, a.id, a.key_id, a.command
FROM messages m LEFT JOIN messages a ON a.user_id = m.user_id
    AND a.conversation_id = m.conversation_id AND coalesce(a.answers, a.seq) = m.seq
    AND a.role = 'assistant'
WHERE m.user_id = %(user)s AND m.conversation_id = %(conversation)s AND m.id = %(id)s
  AND m.role = 'user' AND {visible}
""".replace("{visible}", VISIBLE)
_REMOVE = """
DELETE FROM messages m USING messages q
WHERE m.user_id = %(user)s AND m.conversation_id = %(conversation)s
  AND q.user_id = %(user)s AND q.id = %(question)s AND q.conversation_id = m.conversation_id
  AND coalesce(m.answers, m.seq) >= %(turn)s AND coalesce(m.answers, m.seq) < q.seq
RETURNING m.id, m.role
"""
# What was before the turn may be sent to the model again.
_WINDOW = """
UPDATE conversations SET window_start = 0
WHERE user_id = %(user)s AND id = %(conversation)s AND window_start > %(turn)s
"""


class Replacements:
    """Lets messages take the place of others.

    Args:
        database: Where they are.
        sealer: What they are sealed with.
        approvals: What waits.
        memory: What is learned.
        dialogue: What a conversation is about.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        approvals: ApprovalService,
        memory: MemoryService,
        dialogue: DialogueService,
    ) -> None:
        self._database = database
        self._sealer = MessageSealer(sealer)
        self._approvals = approvals
        self._memory = memory
        self._dialogue = dialogue

    async def begin(self, user: UUID, request: ChatRequest) -> int | None:
        """Return the turn whose place a message takes; None: it follows all others.

        Raises:
            ValidationFailed: there is no such message of the user in the conversation.
            Conflict: it is the same command once more, which would be done twice.
        """
        if request.replaces is None:
            return None
        values = {
            "user": user,
            "conversation": request.conversation_id,
            "id": request.replaces,
        }
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_FIND, values)).fetchone()
        if row is None or request.conversation_id is None:
            raise ValidationFailed(
                [{"field": "replaces", "error": "must be a message of yours in the conversation"}]
            )
        seq, key_id, content, answer, answer_key, command = row
        said = self._sealer.open(content, key_id, request.replaces, user, "content")
        if command is not None and said == request.message:
            stored = self._sealer.open(command, answer_key, answer, user, "command")
            if _has_effect(stored):
                raise Conflict("What this message asked for was done; it is not done twice")
        # Nothing may refer to what is about to go.
        await self._dialogue.forget(user, request.conversation_id)
        return int(seq)

    async def complete(self, connection: Connection, turn: OpenTurn) -> None:
        """Remove what a turn takes the place of, in the transaction that stores its answer."""
        if turn.replaces is None:
            return
        values = {
            "user": turn.user,
            "conversation": turn.conversation,
            "question": turn.message,
            "turn": turn.replaces,
        }
        removed = await (await connection.execute(_REMOVE, values)).fetchall()
        await connection.execute(_WINDOW, values)
        asked = [each for message, role in removed if role == "user" for each in asked_by(message)]
        if asked:
            await self._approvals.withdraw(connection, turn.identity, asked)
        for message, role in removed:
            if role == "assistant":
                await self._memory.unlearn(connection, turn.user, message)


def asked_by(message: UUID) -> list[UUID]:
    """Return the ids that approvals have which the answer to a message asks for, if it does."""
    steps = [approval_of(step_id(message, step)) for step in range(MOST_STEPS)]
    return [*steps, *calls_of(message)]


def _has_effect(stored: str) -> bool:
    commands = msgspec.json.decode(stored, type=list[SpokenCommand])
    known = {spec.type_name: spec for spec in registry.COMMANDS}
    return any(
        (spec := known.get(each.type)) is None or spec.side_effects
        for each in commands
        if each.status in ("completed", "pending_approval")
    )
