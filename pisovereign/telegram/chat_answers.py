"""Finds answers by chat, in a conversation for each account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, aclosing
from typing import NamedTuple, Protocol
from uuid import UUID, uuid5

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import ListQuery
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse
from pisovereign.config import Scope
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.errors import PiSovereignError, StorageFull, ValidationFailed
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import Messages, load_messages
from pisovereign.telegram.inbox import Inbox, ReceivedMessage

KEY_NAME = "Telegram"
"""What the audit log and approvals call whoever asks or decides there."""
# What is said may ask for things; only a button that was shown may approve them.
_SCOPES: frozenset[Scope] = frozenset(("user",))
_MOST_VOICE_BYTES = 2 * 1024 * 1024
_MOST_WAITING = 100
_VOICE_ATTEMPTS = 3  # messages after it wait meanwhile


class Answer(NamedTuple):
    """What is said, and what is shown to be decided."""

    text: str
    approvals: Sequence[UUID] = ()


class Transcriber(Protocol):
    """Writes down what is said in a recording."""

    def is_set_up(self) -> bool:
        """Return whether anything can, before a recording is fetched."""
        ...

    async def transcribe(self, user: UUID, audio: bytes, language: Language) -> str | None:
        """Return the text of a recording in Ogg with Opus; None: nothing is set up that can.

        Raises:
            PiSovereignError: it cannot be done now, or the recording cannot be read.
        """
        ...


class Uses(NamedTuple):
    """What answers are found with.

    Attributes:
        chat: The conversations.
        approvals: What waits for a decision.
        inbox: Hashes numbers of accounts.
        bot: Holds the bot that is connected, if one is.
        language: Returns what is spoken where a message does not tell.
        transcriber: Reads voice messages; None: nothing does.
    """

    chat: ChatService
    approvals: ApprovalService
    inbox: Inbox
    bot: Callable[[], AbstractContextManager[tuple[TelegramClient, int] | None]]
    language: Callable[[UUID], Awaitable[Language]]
    transcriber: Transcriber | None = None


class ChatAnswers:
    """Answers as `/v1/chat` does, with memories and commands."""

    def __init__(self, uses: Uses) -> None:
        self._uses = uses

    async def answer(self, user: UUID, message: ReceivedMessage) -> Answer:
        """Return the answer to a message."""
        usual = await self._uses.language(user)
        words = load_messages(usual, "telegram")
        match message.kind:
            case "linked":
                return Answer(words.say("linked"))
            case "forwarded":
                return Answer(words.say("forwarded"))
            case "other":
                return Answer(words.say("only_text"))
            case "voice":
                return await self._heard(user, message, words, usual)
            case "text":
                if message.text.startswith("/start"):
                    return Answer(words.say("linked"))
                return await self._said(user, message, message.text, usual)

    async def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what to say when no answer was found in the end."""
        language = detect_language(message.text, await self._uses.language(user))
        return load_messages(language, "telegram").say("no_answer")

    async def _heard(
        self, user: UUID, message: ReceivedMessage, words: Messages, usual: Language
    ) -> Answer:
        """Answer what was said, and show first what was understood."""
        uses = self._uses
        if message.size > _MOST_VOICE_BYTES:
            return Answer(words.say("voice_too_long"))
        with uses.bot() as found:
            if found is None or not (uses.transcriber and uses.transcriber.is_set_up()):
                return Answer(words.say("only_text"))
            try:
                audio = await found[0].file(message.file, _MOST_VOICE_BYTES)
                text = await uses.transcriber.transcribe(user, audio, usual)
            except PiSovereignError:
                if message.attempt < _VOICE_ATTEMPTS:
                    raise
                return Answer(words.say("voice_unheard"))
        if text is None:
            return Answer(words.say("only_text"))
        if not text.strip():
            return Answer(words.say("nothing_heard"))
        answer = await self._said(user, message, text, usual, heard=True)
        heard = words.say("heard", text=text.strip())
        return answer._replace(text=f"{heard}\n\n{answer.text}")

    async def _said(
        self,
        user: UUID,
        message: ReceivedMessage,
        text: str,
        usual: Language,
        *,
        heard: bool = False,
    ) -> Answer:
        uses = self._uses
        question = uuid5(message.id, "question")
        # An earlier attempt may have come to its end but for the last step.
        answer = await uses.chat.answer_to(user, question)
        if answer is None:
            answer = await self._ask(user, message, text, usual, heard=heard)
        query = ListQuery(status="pending", limit=_MOST_WAITING)
        waiting, _ = await uses.approvals.page(user, query)
        return Answer(answer, [each.id for each in waiting if each.requested_by == KEY_NAME][::-1])

    async def _ask(
        self, user: UUID, message: ReceivedMessage, text: str, usual: Language, *, heard: bool
    ) -> str:
        question = uuid5(message.id, "question")
        language = detect_language(text, usual)
        account = self._uses.inbox.hash("conversation", str(message.account))
        conversation = f"telegram-{account.hex[:16]}"
        chat = self._uses.chat
        await chat.withdraw(user, conversation, question)
        request = ChatRequest(message=text, conversation_id=conversation)
        try:
            turn = await chat.begin(
                Identity(user, _SCOPES, KEY_NAME),
                request,
                language=language,
                message=question,
                heard=heard,
            )
            async with aclosing(chat.answer(turn)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ChatResponse):
                        return piece.content
        except ValidationFailed:
            return load_messages(language, "telegram").say("too_long")
        except StorageFull:
            return load_messages(language, "chat").say("storage_full")
        return ""
