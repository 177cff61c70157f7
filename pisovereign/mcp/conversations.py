"""Talking to the assistant in words: what follows goes on from what was said before.

The words come from a model, which may have read them in a mail. So nothing that they ask for
changes anything without an approval, and nothing is learned from them.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from pisovereign.actions.caller import Caller
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse, ConversationId
from pisovereign.chat.user_message import UserMessage
from pisovereign.mcp.types import ToolResult, ToolSpec
from pisovereign.validation import no_nul, not_blank, validate

CONVERSE = ToolSpec(
    name="converse",
    description=(
        "Say something to the assistant in words, in English, German or another language that it "
        'knows. With the conversation_id of an earlier answer it goes on from there: "and '
        'tomorrow?", "cancel that". What changes something only asks: a person has to approve '
        "before it happens."
    ),
    arguments={
        "type": "object",
        "properties": {
            "message": {"type": "string", "minLength": 1, "maxLength": 2000},
            "conversation_id": {"type": "string", "minLength": 1, "maxLength": 128},
        },
        "required": ["message"],
        "additionalProperties": False,
    },
    read_only=False,
)


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message to the assistant, and its conversation; None: a new one."""

    message: Annotated[
        str, Meta(min_length=1, max_length=2_000, extra={"rules": (not_blank, no_nul)})
    ]
    conversation_id: ConversationId | None = None


class Conversations:
    """Answers to words.

    Args:
        chat: The conversations of the users.
    """

    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    async def converse(self, caller: Caller, arguments: dict[str, Any]) -> ToolResult:
        """Return the answer to what is said, with the conversation that it can go on in.

        Raises:
            ValidationFailed: An argument breaks a rule.
            PiSovereignError: No answer is found.
        """
        said = validate(arguments, Said)
        request = ChatRequest(
            message=said.message, conversation_id=said.conversation_id, learn=False
        )
        message = UserMessage(
            identity=caller.identity, request=request, language=caller.language, asks_only=True
        )
        turn = await self._chat.begin(message)
        async with aclosing(self._chat.answer(turn)) as pieces:
            async for piece in pieces:
                if isinstance(piece, ChatResponse):
                    return _outcome(piece)
        raise AssertionError("an answer ends with its response, or with an error")


def _outcome(answer: ChatResponse) -> ToolResult:
    data: dict[str, Any] = {"conversation_id": answer.conversation_id, "text": answer.content}
    commands = answer.commands if answer.commands is not UNSET else []
    if answer.command is not UNSET and not commands:
        commands = [answer.command]
    if commands:
        data["commands"] = msgspec.to_builtins(commands)
    if answer.tools is not UNSET:
        data["tools"] = msgspec.to_builtins(answer.tools)
    return ToolResult(answer.content, data)
