"""One turn of a conversation, from the user's message to the stored answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from uuid import UUID

import msgspec

from pisovereign.chat.commands import CommandTurn, CommandTurns
from pisovereign.chat.completed_answers import CompletedAnswers
from pisovereign.chat.early_turn import early_turn
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.model_turns import Answered, ModelTurns, end_note
from pisovereign.chat.promises import Promises
from pisovereign.chat.replacements import Replacements, asked_by
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.store import ChatStore
from pisovereign.chat.tool_turns import ToolTurns
from pisovereign.chat.turn_preparation import TurnPreparation
from pisovereign.chat.types import (
    ChatResponse,
    Promise,
    ToolCall,
    ToolRecord,
    ToolResult,
    ToolUse,
)
from pisovereign.chat.user_message import UserMessage
from pisovereign.engine_client.client import Expected
from pisovereign.system.served_models import ServedModels


class ChatService:
    """The one pipeline behind `/v1/chat` and `/v1/chat/stream`."""

    def __init__(
        self,
        *,
        store: ChatStore,
        models: ServedModels,
        commands: CommandTurns,
        preparation: TurnPreparation,
        model: ModelTurns,
        tools: ToolTurns | None,
        answers: CompletedAnswers,
        replacements: Replacements,
        promises: Promises,
    ) -> None:
        self._store = store
        self._models = models
        self._commands = commands
        self._preparation = preparation
        self._model = model
        self._tools = tools
        self._answers = answers
        self._replacements = replacements
        self._promises = promises

    async def begin(self, message: UserMessage) -> PendingTurn | CommandTurn:
        """Store the user's turn, and assemble the prompt unless it is a command.

        What looks like talk is asked while it is found out that it is no command: see `EarlyTurn`.

        Raises:
            ValidationFailed: a model that is not there.
        """
        watch = Stopwatch()
        await self._models.require(message.request.model)
        replaces = await self._replacements.begin(message.user, message.request)
        message = msgspec.structs.replace(message, replaces=replaces)
        prepare = partial(self._preparation.prepare, message, watch=watch)
        early = self._preparation.asks_early(message.text)
        async with early_turn(lambda asks: prepare(early=asks), early=early) as turn:
            command = await self._commands.begin(message)
            if command is not None:
                return command
            pending = await self._preparation.store(await turn.get())
            turn.keep()
            return pending

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
