"""Finds answers by chat, in a conversation for each address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID, uuid5

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import ListQuery
from pisovereign.channels.approval_codes import ApprovalCodes
from pisovereign.channels.inbox import Inbox, ReceivedMessage
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse
from pisovereign.chat.user_message import UserMessage
from pisovereign.config import Scope
from pisovereign.connectors.messaging import LARGEST_RECORDING, Messenger
from pisovereign.errors import (
    HostFailed,
    PayloadTooLarge,
    StorageFull,
    UnsupportedMediaType,
    UpstreamError,
    ValidationFailed,
)
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import Messages, load_messages
from pisovereign.speech.service import SpeechService
from pisovereign.storage.pool import Database

# What is said may ask for things; only a button or a code that was shown may approve them.
_SCOPES: frozenset[Scope] = frozenset(("user",))
_MOST_WAITING = 100
_VOICE_ATTEMPTS = 3  # messages after it wait meanwhile


class Answer(NamedTuple):
    """An answer: its text, and the approvals that are shown to be decided with buttons."""

    text: str
    approvals: Sequence[UUID] = ()


class ChatAnswerDependencies(NamedTuple):
    """The dependencies of answers by chat.

    Attributes:
        chat: The conversations.
        approvals: What waits for a decision.
        codes: Approvals that are decided with a code; None: they are with buttons.
        messenger: Brings recordings.
        inbox: Where messages are.
        database: In which database.
        speech: Writes recordings down.
        language: Returns what is spoken where a message does not tell.
    """

    chat: ChatService
    approvals: ApprovalService
    codes: ApprovalCodes | None
    messenger: Messenger
    inbox: Inbox
    database: Database
    speech: SpeechService
    language: Callable[[UUID], Awaitable[Language]]


class ChatAnswers:
    """Answers as `/v1/chat` does, with memories and commands."""

    def __init__(self, uses: ChatAnswerDependencies) -> None:
        self._uses = uses

    async def answer(self, user: UUID, message: ReceivedMessage) -> Answer:
        """Return the answer to a message; empty: none is given."""
        usual = await self._uses.language(user)
        words = load_messages(usual, "channels")
        match message.kind:
            case "linked" | "forwarded":
                return Answer(words.say(message.kind))
            case "other":
                return await self._excuse_once(user, message, words)
            case "voice":
                return await self._hear(user, message, words, usual)
            case "text":
                if self._uses.codes is not None:
                    decided = await self._uses.codes.decide(user, message.address, message.text)
                    if decided is not None:
                        return Answer(decided)
                return await self._say(user, message, message.text, usual)

    async def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what to say when no answer was found in the end."""
        language = detect_language(message.text, await self._uses.language(user))
        return load_messages(language, "channels").say("no_answer")

    async def _hear(
        self, user: UUID, message: ReceivedMessage, words: Messages, usual: Language
    ) -> Answer:
        """Return what was understood, and the answer to that.

        Nothing of it is done before its sender has read it: what changes something waits.
        """
        text = await self._acted_on(user, message)
        if text is None:
            if not self._uses.speech.state().transcriptions:
                return await self._excuse_once(user, message, words)
            try:
                text = await self._written_down(message)
            except PayloadTooLarge:
                return Answer(words.say("voice_too_long"))
            except UnsupportedMediaType:
                text = ""
            except HostFailed:
                raise  # what is away comes back
            except UpstreamError:
                if message.attempt < _VOICE_ATTEMPTS:
                    raise
                return Answer(words.say("voice_unheard"))
        if not text.strip():
            return Answer(words.say("nothing_heard"))
        answer = await self._say(user, message, text, usual, heard=True)
        spoken = load_messages(detect_language(text, usual), "channels")
        heard = spoken.say("heard", text=text.strip())
        return answer._replace(text="\n\n".join(part for part in (heard, answer.text) if part))

    async def _acted_on(self, user: UUID, message: ReceivedMessage) -> str | None:
        """Return what an earlier attempt heard and answered; None: it came not so far."""
        question = uuid5(message.id, "question")
        if await self._uses.chat.answer_to(user, question) is None:
            return None
        return await self._uses.chat.said(user, question)

    async def _written_down(self, message: ReceivedMessage) -> str:
        if message.size > LARGEST_RECORDING:
            raise PayloadTooLarge("The recording is too large")
        recording = await self._uses.messenger.recording(message.recording)
        return await self._uses.speech.transcribe(recording, None)

    async def _say(
        self,
        user: UUID,
        message: ReceivedMessage,
        text: str,
        usual: Language,
        *,
        heard: bool = False,
    ) -> Answer:
        uses, question = self._uses, uuid5(message.id, "question")
        language = detect_language(text, usual)
        # An earlier attempt may have come to its end but for the last step.
        answer = await uses.chat.answer_to(user, question)
        if answer is None:
            answer = await self._ask(user, message, text, language, heard=heard)
        if uses.codes is None:
            return Answer(answer, await self._waiting(user))
        asked = uses.chat.approvals_of(question)
        hint = await uses.codes.hints(user, message.address, asked, language)
        return Answer(f"{answer}\n\n{hint}" if hint else answer)

    async def _waiting(self, user: UUID) -> list[UUID]:
        """Return what was asked for here and waits, the oldest first."""
        query = ListQuery(status="pending", limit=_MOST_WAITING)
        waiting, _ = await self._uses.approvals.page(user, query)
        title = self._uses.messenger.title
        return [each.id for each in waiting if each.requested_by == title][::-1]

    async def _ask(
        self, user: UUID, message: ReceivedMessage, text: str, language: Language, *, heard: bool
    ) -> str:
        question = uuid5(message.id, "question")
        chat, messenger = self._uses.chat, self._uses.messenger
        sender = self._uses.inbox.hash("conversation", message.address)
        conversation = f"{messenger.name}-{sender.hex[:16]}"
        await chat.withdraw(user, conversation, question)
        request = ChatRequest(message=text, conversation_id=conversation)
        try:
            turn = await chat.begin(
                UserMessage(
                    identity=Identity(user, _SCOPES, messenger.title),
                    request=request,
                    language=language,
                    id=question,
                    heard=heard,
                )
            )
            async with aclosing(chat.answer(turn)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ChatResponse):
                        return piece.content
        except ValidationFailed:
            return load_messages(language, "channels").say("too_long")
        except StorageFull:
            return load_messages(language, "chat").say("storage_full")
        return ""

    async def _excuse_once(self, user: UUID, message: ReceivedMessage, words: Messages) -> Answer:
        """Return an excuse, once: an album is many messages."""
        uses = self._uses
        async with uses.database.transaction(user) as connection:
            excused = await uses.inbox.was_excused(connection, user, message.address, message.kind)
        return Answer("" if excused else words.say("only_text"))
