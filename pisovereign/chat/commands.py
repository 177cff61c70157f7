"""Turns whose message is a command: its result is the answer, and no model is asked.

Only what a user has just written is parsed. Text of memories, mails or earlier turns never gets
here, so nothing in it can become a command.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.types import Command
from pisovereign.api_keys import Identity
from pisovereign.asgi.errors import error_object
from pisovereign.chat.store import AnswerRow, ChatStore
from pisovereign.chat.types import (
    ANSWERED_BY,
    ChatRequest,
    ChatResponse,
    SpokenCommand,
    Tokens,
)
from pisovereign.errors import NotConfigured, PiSovereignError
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.service import ParseService

LONGEST_MESSAGE = 300
"""Longer messages are conversation, or text that was pasted."""
CLEAR = 0.7
"""The least confidence of a command that is carried out without asking back.

A day that could be two, such as "next Friday" on a Monday, is above it: the answer names the date,
and a model would only pretend to have done something.
"""
_MOST_STORED_BYTES = 16_384
_NO_TOKENS = Tokens(0, 0, 0)


class CommandTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A command whose message is stored, and that is still to be carried out."""

    identity: Identity
    language: Language
    conversation: str
    message: UUID
    text: str
    command: Command


class _Outcome(NamedTuple):
    """What came of a command, in words and as data."""

    text: str
    command: SpokenCommand


class CommandTurns:
    """Turns that are commands.

    Args:
        service: Carries commands out.
        parsing: Finds them.
        store: Where both sides of the turn are kept.
        enabled: Whether messages are parsed if the request does not say.
    """

    def __init__(
        self,
        service: ActionService,
        parsing: ParseService,
        store: ChatStore,
        *,
        enabled: bool,
    ) -> None:
        self._service = service
        self._parsing = parsing
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
        command = await self._find(identity, request.message) if wanted else None
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
        """Carry the command out, and store the answer to it."""
        outcome = await self._carry_out(turn)
        row = AnswerRow(
            id=uuid4(),
            question=turn.message,
            content=outcome.text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
            command=as_stored([outcome.command]),
        )
        created_at = await self._store.add_answer(turn.identity.user_id, turn.conversation, row)
        return ChatResponse(
            id=row.id,
            conversation_id=turn.conversation,
            content=outcome.text,
            model=ANSWERED_BY,
            tokens=_NO_TOKENS,
            finish_reason="stop",
            memories=[],
            command=outcome.command,
            created_at=created_at,
        )

    async def _find(self, identity: Identity, message: str) -> Command | None:
        """Return the command that a user's newest message is, if it certainly is one."""
        if len(message) > LONGEST_MESSAGE:
            return None
        parsed = await self._parsing.parse_by_rules(identity.user_id, message)
        return parsed.command if parsed.confidence >= CLEAR else None

    async def _carry_out(self, turn: CommandTurn) -> _Outcome:
        """Carry a command out; a failure is put into words as well.

        The message's id stays the same if it is answered again, so nothing is done twice.
        """
        command = turn.command
        language = detect_language(turn.text, turn.language)
        arguments = {k: v for k, v in msgspec.to_builtins(command).items() if k != "type"}
        kind = registry.spec_of(command).type_name
        try:
            answer = await self._service.run(Caller(turn.identity, language, turn.message), command)
        except PiSovereignError as error:
            return _Outcome(
                self._service.explain(command, error, language),
                SpokenCommand(
                    type=kind,
                    arguments=arguments,
                    status="not_configured" if isinstance(error, NotConfigured) else "failed",
                    error=error_object(error),
                ),
            )
        fields = msgspec.structs.asdict(answer)
        shown = {name: fields[name] for name in fields if name not in ("command", "text")}
        return _Outcome(answer.text, SpokenCommand(type=kind, arguments=arguments, **shown))


def as_stored(commands: list[SpokenCommand]) -> str:
    """Return what commands answered as it is stored; results that are too long are left out."""
    text = msgspec.json.encode(commands)
    if len(text) > _MOST_STORED_BYTES:
        text = msgspec.json.encode([msgspec.structs.replace(c, result=UNSET) for c in commands])
    return text.decode()
