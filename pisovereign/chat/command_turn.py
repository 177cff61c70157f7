"""A turn whose message is a command: its result is the answer, and no model is asked."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec

from pisovereign.actions.types import Command
from pisovereign.api_keys import Identity
from pisovereign.chat.message_commands import SpokenCommands
from pisovereign.chat.store import AnswerRow, ChatStore
from pisovereign.chat.types import ChatRequest, ChatResponse, Tokens
from pisovereign.languages import Language

ANSWERED_BY = "commands"
"""Stands where an answer of a model names the model."""
_NO_TOKENS = Tokens(0, 0, 0)


class CommandTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A command whose message is stored, and that is still to be carried out."""

    identity: Identity
    language: Language
    conversation: str
    message: UUID
    text: str
    command: Command


class CommandTurns:
    """Turns that are commands.

    Args:
        spoken: Finds commands, and carries them out.
        store: Where both sides of the turn are kept.
        enabled: Whether messages are looked at when the request does not say.
    """

    def __init__(self, spoken: SpokenCommands, store: ChatStore, *, enabled: bool) -> None:
        self._spoken = spoken
        self._store = store
        self._enabled = enabled

    async def begin(
        self,
        identity: Identity,
        request: ChatRequest,
        language: Language,
        identifier: UUID | None = None,
    ) -> CommandTurn | None:
        """Store the message if it certainly is a command; else None, and nothing is stored."""
        wanted = self._enabled if request.commands is None else request.commands
        command = await self._spoken.find(identity, request.message) if wanted else None
        if command is None:
            return None
        conversation = request.conversation_id or str(uuid4())
        message, _ = await self._store.add_user_message(
            identity.user_id, conversation, request.message, None, identifier
        )
        return CommandTurn(
            identity=identity,
            language=language,
            conversation=conversation,
            message=message,
            text=request.message,
            command=command,
        )

    async def answer(self, turn: CommandTurn) -> ChatResponse:
        """Carry the command out, and store what is answered to it."""
        told = await self._spoken.carry_out(
            turn.identity, turn.text, turn.command, otherwise=turn.language, once=turn.message
        )
        row = AnswerRow(
            id=uuid4(),
            question=turn.message,
            content=told.text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
        )
        created_at = await self._store.add_answer(turn.identity.user_id, turn.conversation, row)
        return ChatResponse(
            id=row.id,
            conversation_id=turn.conversation,
            content=told.text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
            finish_reason="stop",
            memories=[],
            command=told.command,
            created_at=created_at,
        )
