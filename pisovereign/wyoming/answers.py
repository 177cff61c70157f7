"""Finds answers to spoken sentences by chat, as any other way of asking does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse, is_conversation_id
from pisovereign.chat.user_message import UserMessage
from pisovereign.config import Scope
from pisovereign.errors import Forbidden, ValidationFailed
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages
from pisovereign.validation import validate

# Whoever speaks may ask for things; approving them needs a device of the person's own.
_SCOPES: frozenset[Scope] = frozenset(("user",))
_NAMES = UUID("3b0b4a6e-6f0b-4d0c-9a0e-0f2f6d1f7a55")
_LONGEST_ID = 100


class _Words(msgspec.Struct):
    """The parts of a transcript that are looked at."""

    text: str
    language: str | None = None
    context: dict[str, Any] | None = None


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that somebody said, and its conversation.

    `context` goes back to whoever asked, as it is.
    """

    text: str
    language: Language
    conversation: str
    context: dict[str, Any]


def read_sentence(data: dict[str, Any], otherwise: Language) -> Sentence:
    """Return what a transcript says.

    Args:
        data: That of the event.
        otherwise: The language where neither it nor its words tell.

    Raises:
        ValidationFailed: Something in it is of a wrong type.
    """
    words = validate(data, _Words, ignore_unknown=True)
    context = dict(words.context or {})
    given = context.get("conversation_id")
    known = given if isinstance(given, str) and given else str(uuid4())
    spoken = (words.language or "").lower().replace("_", "-").partition("-")[0]
    return Sentence(
        text=words.text.replace("\0", "").strip(),
        language=spoken if spoken in LANGUAGES else detect_language(words.text, otherwise),
        conversation=_conversation(known),
        context=context | {"conversation_id": known},
    )


def _conversation(given: str) -> str:
    """Return the conversation of an id that others made up; never one of the page's."""
    if len(given) <= _LONGEST_ID and is_conversation_id(f"voice-{given}"):
        return f"voice-{given}"
    return f"voice-{uuid5(_NAMES, given)}"


class VoiceAnswers:
    """Answers as `/v1/chat` does, with memories, commands and tools.

    What needs an approval is told of, and waits: nothing that is said here approves it.

    Args:
        chat: The conversations.
        user: Who speaks.
        users: Everybody who is known now: others get no answer.
    """

    def __init__(self, chat: ChatService, user: UUID, users: Sequence[UUID]) -> None:
        self._chat = chat
        self._user = user
        self._users = users

    def is_known(self) -> bool:
        """Return whether who speaks may ask for anything, which can end at any time."""
        return self._user in self._users

    async def answer(self, sentence: Sentence) -> AsyncGenerator[str | ChatResponse]:
        """Yield the pieces of an answer, and finally all of it.

        Raises:
            PiSovereignError: There is none; `told` says it in words.
        """
        if not sentence.text:
            raise Forbidden("Nothing was said")
        if not self.is_known():
            raise Forbidden("Who speaks is not known any more")
        request = validate(
            {"message": sentence.text, "conversation_id": sentence.conversation}, ChatRequest
        )
        identity = Identity(self._user, _SCOPES, "Wyoming")
        message = UserMessage(identity=identity, request=request, language=sentence.language)
        turn = await self._chat.begin(message)
        async with aclosing(self._chat.answer(turn)) as pieces:
            async for piece in pieces:
                if isinstance(piece, str | ChatResponse):
                    yield piece


def told(error: Exception, sentence: Sentence) -> str:
    """Return what is said where there is no answer; nothing of the error's own text."""
    words = load_messages(sentence.language, "voice")
    if not sentence.text:
        return words.say("nothing_heard")
    return words.say("too_long" if isinstance(error, ValidationFailed) else "no_answer")
