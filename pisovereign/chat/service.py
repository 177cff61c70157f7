"""One turn of a conversation, from the user's message to the stored answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.chat import prompt
from pisovereign.chat.claim_risk import ClaimRisk
from pisovereign.chat.commands import CommandTurn, CommandTurns
from pisovereign.chat.completed_answers import CompletedAnswers
from pisovereign.chat.document_notes import DocumentNotes
from pisovereign.chat.memory_notes import NO_NOTES, MemoryNotes, Notes
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.model_turns import Answered, ModelTurns, end_note
from pisovereign.chat.promises import Promises
from pisovereign.chat.replacements import Replacements, asked_by
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.store import ChatStore
from pisovereign.chat.tool_turns import ToolTurns
from pisovereign.chat.types import (
    ChatRequest,
    ChatResponse,
    Promise,
    ToolCall,
    ToolRecord,
    ToolResult,
    ToolUse,
    UsedPassage,
)
from pisovereign.config import Config
from pisovereign.documents.service import DocumentService
from pisovereign.engine_client.client import Expected
from pisovereign.engine_client.types import Tool
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.locales import Zones
from pisovereign.memory.service import MemoryService
from pisovereign.system.catalog import ModelCatalog


class _Known(NamedTuple):
    """What goes before a message, with and without the passages of documents."""

    notes: Notes
    passages: list[UsedPassage]
    context: str | None
    without_passages: str | None


class ChatService:
    """The one pipeline behind `/v1/chat` and `/v1/chat/stream`."""

    def __init__(
        self,
        *,
        config: Config,
        store: ChatStore,
        models: ModelCatalog,
        memory: MemoryService,
        documents: DocumentService,
        commands: CommandTurns,
        model: ModelTurns,
        tools: ToolTurns | None,
        risk: ClaimRisk,
        answers: CompletedAnswers,
        replacements: Replacements,
        promises: Promises,
        zones: Zones,
    ) -> None:
        self._config = config
        self._store = store
        self._models = models
        self._notes = MemoryNotes(memory, models)
        self._passages = DocumentNotes(documents, models)
        self._commands = commands
        self._model = model
        self._tools = tools
        self._risk = risk
        self._answers = answers
        self._replacements = replacements
        self._promises = promises
        self._zones = zones

    async def begin(
        self,
        identity: Identity,
        request: ChatRequest,
        *,
        language: Language = "en",
        message: UUID | None = None,
        asks_only: bool = False,
        heard: bool = False,
    ) -> PendingTurn | CommandTurn:
        """Store the user's turn, and assemble the prompt unless it is a command.

        Args:
            identity: Whose turn it is.
            request: What was said, and how it is to be answered.
            language: What a command is answered in when the message does not tell its language.
            message: An id for the message, for callers that have to find it again; None: a new one.
            asks_only: Let nothing that changes something happen without an approval.
            heard: The message was spoken and written down by a model, which may have misheard: in
                this turn alone nothing changes without an approval, and nothing is learned.

        Raises:
            ValidationFailed: a model that is not there.
        """
        watch = Stopwatch()
        if heard:
            request = msgspec.structs.replace(request, learn=False)
        await self._models.require(request.model)
        replaces = await self._replacements.begin(identity.user_id, request)
        command = await self._commands.begin(
            identity,
            request,
            language,
            message,
            asks_only=asks_only,
            heard=heard,
            replaces=replaces,
        )
        if command is not None:
            return command
        return await self._pending(
            identity,
            request,
            language,
            message,
            asks_only=asks_only,
            replaces=replaces,
            watch=watch,
        )

    async def _pending(
        self,
        identity: Identity,
        request: ChatRequest,
        language: Language,
        message: UUID | None,
        *,
        asks_only: bool,
        replaces: int | None,
        watch: Stopwatch,
    ) -> PendingTurn:
        """Store a turn that a model is to answer, with all that its prompt needs."""
        inference = self._config.inference
        user = identity.user_id
        model = await self._models.resolve(request.model)
        conversation = request.conversation_id or str(uuid4())
        system_prompt = request.system_prompt or self._config.chat.system_prompt
        known = await self._known(user, request, system_prompt, language)
        message, history = await self._store.add_user_message(
            user,
            conversation,
            request.message,
            known.context,
            identifier=message,
            replaces=replaces,
        )
        others = (known.notes.text, known.context if known.passages else None)
        tools = await self._offered(user, request, model, language)
        may_claim = tools is not None or await self._risk.of(user, request.message, history, others)
        given = request.temperature
        learn = self._config.memory.learn if request.learn is None else request.learn
        return PendingTurn(
            identity=identity,
            language=language,
            text=request.message,
            conversation=conversation,
            message=message,
            system_prompt=system_prompt,
            history=history,
            newest=prompt.with_context(request.message, known.context),
            without_passages=prompt.with_context(request.message, known.without_passages),
            passages=known.passages,
            model=model,
            temperature=inference.temperature if given is None else given,
            max_tokens=request.max_tokens or inference.max_tokens,
            may_be_cut=request.max_tokens is None,
            notes=known.notes,
            lesson=request.message if learn else None,
            asks_only=asks_only,
            tools=tools,
            watch=watch,
            may_claim=may_claim,
            replaces=replaces,
        )

    async def _known(
        self, user: UUID, request: ChatRequest, system_prompt: str, language: Language
    ) -> _Known:
        """Return what memories and documents hold about a message."""
        notes = NO_NOTES
        if request.use_memory:
            notes = await self._notes.about(user, request.message, system_prompt)
        quoted, passages = None, list[UsedPassage]()
        if request.use_documents:
            others = f"{system_prompt}{notes.text or ''}"
            quoted, passages = await self._passages.about(user, request.message, others)
        asked_in = prompt.language_text(request.message, language)
        own = self._volatile(user, notes, asked_in)
        context = "\n".join(text for text in (own, quoted) if text) or None
        return _Known(notes, passages, context, own)

    async def _offered(
        self, user: UUID, request: ChatRequest, model: str, language: Language
    ) -> Sequence[Tool] | None:
        """Return the tools that the model may call for a request; None: it is given none."""
        wanted = self._config.chat.commands if request.commands is None else request.commands
        if not wanted or self._tools is None:
            return None
        return await self._tools.offered(user, model, detect_language(request.message, language))

    async def answer(
        self, turn: PendingTurn | CommandTurn
    ) -> AsyncGenerator[str | Promise | ToolCall | ToolResult | ChatResponse]:
        """Yield the pieces of the answer and finally, once it is stored, all of it.

        The tools that a model calls, and what they give, come between the pieces. What it claims to
        have done is never shown: its answer ends there, and says what is true. An answer that fails
        or is abandoned is not stored.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the message alone is longer than the model's context.
        """
        if isinstance(turn, CommandTurn):
            response = await self._commands.answer(turn)
            yield response.content
            yield response
            return
        # Closed by hand, here and below: a generator left to the garbage collector ends later.
        answer: AsyncGenerator[str | Expected | ToolCall | ToolResult | Answered]
        if turn.tools is not None and self._tools is not None:
            answer = self._tools.answer(turn)
        else:
            answer = self._model.answer(turn)
        async with aclosing(self._promises.watch(turn, answer)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answered):
                    note = end_note(turn, piece)
                    if note:
                        yield note
                    yield await self._answers.store(turn, piece.with_note(note))
                    continue
                if isinstance(piece, str):
                    turn.watch.words()
                yield piece

    async def keep_stopped(
        self,
        turn: PendingTurn,
        text: str,
        calls: Sequence[ToolCall],
        results: Sequence[ToolResult],
    ) -> ChatResponse:
        """Store what was shown of an answer that its reader has ended, and return it.

        Args:
            turn: What was asked.
            text: What was shown.
            calls: The tools that the model has called.
            results: What came of them.

        Raises:
            NotFound: the conversation was deleted meanwhile.
        """
        given = {each.id: each.arguments for each in calls}
        uses = [
            ToolUse(**msgspec.structs.asdict(each), arguments=given.get(each.id, {}))
            for each in results
        ]
        record = None
        if turn.tools is not None:
            # What it would have gone on from is not known.
            record = ToolRecord(rounds=[], last=text.strip(), outside_text=True, uses=uses)
        return await self._answers.store(turn, Answered(text, None, None, record), stopped=True)

    def approvals_of(self, message: UUID) -> list[UUID]:
        """Return the ids that approvals have which commands of a message ask for, if they do."""
        return asked_by(message)

    async def said(self, user: UUID, message: UUID) -> str | None:
        """Return the words of a stored message of the user; None if there is none."""
        return await self._store.said(user, message)

    async def answer_to(self, user: UUID, message: UUID) -> str | None:
        """Return the stored answer to a message of the user; None if there is none."""
        return await self._store.answer_to(user, message)

    async def withdraw(self, user: UUID, conversation: str, message: UUID) -> bool:
        """Take back a message that is not answered and never will be; whether there was one."""
        return await self._store.withdraw(user, conversation, message)

    def _volatile(self, user: UUID, notes: Notes, asked_in: str) -> str | None:
        """Return what changes from turn to turn; None if nothing does."""
        clock = None
        if self._config.chat.clock:
            clock = prompt.clock_text(dt.datetime.now(self._zones(user)))
        return "\n".join(text for text in (clock, asked_in, notes.text) if text) or None
