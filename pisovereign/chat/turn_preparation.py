"""Preparation of a model's turn: the prompt's parts, and what it may call and claim."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from pisovereign.chat import prompt
from pisovereign.chat.claim_risk import ClaimRisk
from pisovereign.chat.document_notes import DocumentNotes
from pisovereign.chat.memory_notes import NO_NOTES, MemoryNotes, Notes
from pisovereign.chat.model_requests import ModelRequests, PendingTurn
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.store import ChatStore
from pisovereign.chat.tool_turns import ToolTurns
from pisovereign.chat.types import ANSWERED_BY, ChatRequest, Turn, UsedPassage
from pisovereign.chat.user_message import UserMessage
from pisovereign.config import Config
from pisovereign.documents.types import RecalledPassage
from pisovereign.engine_client.types import Tool
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.locales import Zones
from pisovereign.system.served_models import ServedModels


class _Known(NamedTuple):
    """The context that goes before a message, with and without the passages of documents."""

    notes: Notes
    passages: list[UsedPassage]
    context: str | None
    without_passages: str | None


class TurnPreparation:
    """Puts together what is needed to ask the model for an answer.

    Args:
        config: How it is asked.
        store: Where conversations are kept.
        models: Which models there are.
        notes: Finds memories.
        passages: Finds passages of documents.
        tools: Says what the model may call; None: nothing.
        risk: Says what its answer may claim.
        requests: Asks the model.
        zones: Returns the zone that somebody lives in.
    """

    def __init__(
        self,
        *,
        config: Config,
        store: ChatStore,
        models: ServedModels,
        notes: MemoryNotes,
        passages: DocumentNotes,
        tools: ToolTurns | None,
        risk: ClaimRisk,
        requests: ModelRequests,
        zones: Zones,
    ) -> None:
        self._config = config
        self._store = store
        self._models = models
        self._notes = notes
        self._passages = passages
        self._tools = tools
        self._risk = risk
        self._requests = requests
        self._zones = zones

    def asks_early(self, message: str) -> bool:
        """Return whether the model is to be asked before it is clear what a message is.

        That costs nobody but our own engine, which is left at once where a command is found.
        """
        return not self._config.inference.base_url and self._risk.looks_like_talk(message)

    async def prepare(
        self, message: UserMessage, *, watch: Stopwatch, early: bool = False
    ) -> PendingTurn:
        """Return a turn that a model is to answer, with all that does not need its message stored.

        Args:
            message: What was said.
            watch: Measures how fast the answer comes.
            early: Ask the model at once, before the message is stored.

        Raises:
            EngineUnavailable: no model is there to ask.
        """
        inference = self._config.inference
        request, language, user = message.request, message.language, message.user
        model = await self._models.resolve(request.model)
        system_prompt = request.system_prompt or self._config.chat.system_prompt
        known = await self._known(user, request, system_prompt, language)
        given = request.temperature
        learn = self._config.memory.learn if message.learns is None else message.learns
        turn = PendingTurn(
            said=message,
            language=language,
            conversation=request.conversation_id or str(uuid4()),
            system_prompt=system_prompt,
            history=(),
            context=known.context,
            newest=prompt.with_context(request.message, known.context),
            without_passages=prompt.with_context(request.message, known.without_passages),
            passages=known.passages,
            model=model,
            temperature=inference.temperature if given is None else given,
            max_tokens=request.max_tokens or inference.max_tokens,
            may_be_cut=request.max_tokens is None,
            notes=known.notes,
            lesson=request.message if learn else None,
            tools=await self._offered(user, request, model, language),
            watch=watch,
        )
        return await self._ask(turn, new=request.conversation_id is None) if early else turn

    async def _ask(self, turn: PendingTurn, *, new: bool) -> PendingTurn:
        """Ask the model, unless a turn may go on from a command; `new` begins a conversation."""
        history: Sequence[Turn] = ()
        if not new:
            history = await self._store.history(turn.user, turn.conversation, turn.replaces)
        if history and history[-1].model == ANSWERED_BY:
            return turn  # it may go on from a command, and then no model is asked
        turn = msgspec.structs.replace(turn, history=history)
        early = await self._requests.begin_early(turn)
        try:
            may_claim = await self._may_claim(turn)
        except BaseException:
            await early.leave()
            raise
        return msgspec.structs.replace(turn, early=early, may_claim=may_claim)

    async def store(self, turn: PendingTurn) -> PendingTurn:
        """Store the message of a turn, and return it with the turns before it.

        Raises:
            NotFound: a turn that it is to replace is gone.
        """
        self._notes.count(turn.user, turn.notes)
        _, history = await self._store.add_user_message(
            turn.user,
            turn.conversation,
            turn.text,
            turn.context,
            identifier=turn.message,
            replaces=turn.replaces,
        )
        if turn.early is not None and history == list(turn.history):
            return turn
        turn = msgspec.structs.replace(turn, history=history)
        return msgspec.structs.replace(turn, may_claim=await self._may_claim(turn))

    async def _may_claim(self, turn: PendingTurn) -> bool:
        """Return whether the answer may claim a deed, so that its words have to be held."""
        if turn.tools is not None:
            return True
        others = (turn.notes.text, turn.context if turn.passages else None)
        return await self._risk.of(turn.user, turn.text, turn.history, others)

    async def _known(
        self, user: UUID, request: ChatRequest, system_prompt: str, language: Language
    ) -> _Known:
        """Return what memories and documents hold about a message."""
        notes, found = await asyncio.gather(
            self._memories(user, request, system_prompt), self._found(user, request)
        )
        others = f"{system_prompt}{notes.text or ''}"
        quoted, passages = await self._passages.write(found, request.message, others)
        asked_in = prompt.language_text(request.message, language)
        own = self._volatile(user, notes, asked_in)
        context = "\n".join(text for text in (own, quoted) if text) or None
        return _Known(notes, passages, context, own)

    async def _memories(self, user: UUID, request: ChatRequest, system_prompt: str) -> Notes:
        if not request.use_memory:
            return NO_NOTES
        return await self._notes.about(user, request.message, system_prompt)

    async def _found(self, user: UUID, request: ChatRequest) -> list[RecalledPassage]:
        if not request.use_documents:
            return []
        return await self._passages.find(user, request.message)

    async def _offered(
        self, user: UUID, request: ChatRequest, model: str, language: Language
    ) -> Sequence[Tool] | None:
        """Return the tools that the model may call for a request; None: it is given none."""
        wanted = self._config.chat.commands if request.commands is None else request.commands
        if not wanted or self._tools is None:
            return None
        return await self._tools.offered(user, model, detect_language(request.message, language))

    def _volatile(self, user: UUID, notes: Notes, asked_in: str) -> str | None:
        """Return what changes from turn to turn; None if nothing does."""
        clock = None
        if self._config.chat.clock:
            clock = prompt.clock_text(dt.datetime.now(self._zones(user)))
        return "\n".join(text for text in (clock, asked_in, notes.text) if text) or None
