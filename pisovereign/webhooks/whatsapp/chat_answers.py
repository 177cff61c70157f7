"""Finds answers by chat, in a conversation for each number."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from uuid import UUID, uuid5

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.chat.service import ChatService
from pisovereign.chat.types import ChatRequest, ChatResponse
from pisovereign.config import Scope
from pisovereign.connectors.whatsapp.graph import GraphClient
from pisovereign.errors import (
    NotConfigured,
    PayloadTooLarge,
    StorageFull,
    UnsupportedMediaType,
    ValidationFailed,
)
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages
from pisovereign.speech.service import SpeechService
from pisovereign.storage.pool import Database
from pisovereign.webhooks.whatsapp.approval_codes import ApprovalCodes
from pisovereign.webhooks.whatsapp.inbox import Inbox, ReceivedMessage

# What is said may ask for things; only a code that was shown may approve them.
_SCOPES: frozenset[Scope] = frozenset(("user",))


class ChatAnswers:
    """Answers as `/v1/chat` does, with memories and commands.

    Args:
        chat: The conversations.
        codes: Approvals that are answered with a code.
        database: Where the inbox is.
        inbox: Its SQL.
        language: Returns what a user speaks where a message does not tell.
        client: Gives recordings of voice messages.
        speech: Writes them down.
    """

    def __init__(
        self,
        *,
        chat: ChatService,
        codes: ApprovalCodes,
        database: Database,
        inbox: Inbox,
        language: Callable[[UUID], Language],
        client: GraphClient,
        speech: SpeechService,
    ) -> None:
        self._chat = chat
        self._codes = codes
        self._database = database
        self._inbox = inbox
        self._language = language
        self._client = client
        self._speech = speech

    async def answer(self, user: UUID, message: ReceivedMessage) -> str:
        """Return the answer to a message; empty: none is given."""
        if message.kind == "forwarded":
            return load_messages(self._language(user), "whatsapp").say("forwarded")
        if message.kind == "other":
            return await self._excuse_once(user, message)
        if message.kind == "voice":
            return await self._answer_voice(user, message)
        decided = await self._codes.decide(user, message.phone, message.text)
        if decided is not None:
            return decided
        question = uuid5(message.id, "question")
        # An earlier attempt may have come to its end but for the last step.
        answer = await self._chat.answer_to(user, question)
        if answer is None:
            answer = await self._ask(user, message, question)
        language = self._language_of(user, message)
        asked = self._chat.approvals_of(question)
        hint = await self._codes.hints(user, message.phone, asked, language)
        return f"{answer}\n\n{hint}" if hint else answer

    def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what to say when no answer was found in the end."""
        return load_messages(self._language_of(user, message), "whatsapp").say("no_answer")

    async def _answer_voice(self, user: UUID, message: ReceivedMessage) -> str:
        """Return what was understood, and the answer to that.

        Nothing of it is done before its sender has read it: what changes something waits.
        """
        question = uuid5(message.id, "question")
        answer = await self._chat.answer_to(user, question)
        if answer is not None:
            # What was acted on, not what would be heard this time.
            text = await self._chat.said(user, question) or ""
            message = msgspec.structs.replace(message, text=text)
        else:
            try:
                message = await self._written_down(message)
            except NotConfigured:
                return await self._excuse_once(user, message)
            except (PayloadTooLarge, UnsupportedMediaType):
                message = msgspec.structs.replace(message, text="")
            if not message.text:
                return load_messages(self._language(user), "whatsapp").say("not_heard")
            answer = await self._ask(user, message, question, heard=True)
        language = self._language_of(user, message)
        asked = self._chat.approvals_of(question)
        hint = await self._codes.hints(user, message.phone, asked, language)
        heard = load_messages(language, "whatsapp").say("heard", text=message.text)
        return "\n\n".join(part for part in (heard, answer, hint) if part)

    async def _written_down(self, message: ReceivedMessage) -> ReceivedMessage:
        """Return a voice message with its words.

        Raises:
            NotConfigured: Nothing writes down.
            PayloadTooLarge, UnsupportedMediaType: The recording cannot be read.
            UpstreamError: Meta or the service is away: it is tried again.
        """
        if not self._speech.state().transcriptions:
            raise NotConfigured("Writing down speech", "speech.to_text")
        recording = await self._client.recording(message.media)
        text = await self._speech.transcribe(recording, None)
        return msgspec.structs.replace(message, text=text)

    async def _ask(
        self, user: UUID, message: ReceivedMessage, question: UUID, *, heard: bool = False
    ) -> str:
        language = self._language_of(user, message)
        conversation = f"whatsapp-{self._inbox.hash('conversation', message.phone).hex[:16]}"
        await self._chat.withdraw(user, conversation, question)
        request = ChatRequest(message=message.text, conversation_id=conversation)
        try:
            turn = await self._chat.begin(
                Identity(user, _SCOPES, "WhatsApp"),
                request,
                language=language,
                message=question,
                heard=heard,
            )
            async with aclosing(self._chat.answer(turn)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ChatResponse):
                        return piece.content
        except ValidationFailed:
            return load_messages(language, "whatsapp").say("too_long")
        except StorageFull:
            return load_messages(language, "chat").say("storage_full")
        return ""

    async def _excuse_once(self, user: UUID, message: ReceivedMessage) -> str:
        """Return an excuse, once: an album is many messages."""
        async with self._database.transaction(user) as connection:
            excused = await self._inbox.was_excused(connection, user, message.phone, message.kind)
        return "" if excused else load_messages(self._language(user), "whatsapp").say("only_text")

    def _language_of(self, user: UUID, message: ReceivedMessage) -> Language:
        return detect_language(message.text, self._language(user))
