"""The part of the engine that tasks may use, so that somebody who chats does not wait for them.

While nobody chats they may have all of it. Who comes then finds a slot: the sub-task that began
last gives its own up, and asks anew when there is one. Its prompt is still computed by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    EngineClient,
    Finished,
)
from pisovereign.engine_client.types import (
    ChatRequest,
    JsonSchema,
    JsonSchemaFormat,
    Message,
    Tool,
    prompt_cache_key,
)
from pisovereign.errors import PiSovereignError

_LONGEST_ANSWER = 64 * 1024


class BudgetSpent(PiSovereignError):
    """A task has used all the tokens that it may."""


class Budget:
    """The tokens of one task: those that are `left`, and those `spent` while this process works."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.spent = 0

    def require(self) -> None:
        """Go on only if there is something left.

        Raises:
            BudgetSpent: there is not.
        """
        if self.left <= 0:
            raise BudgetSpent("The task has used all of its tokens")

    def spend(self, tokens: int) -> None:
        """Note what an answer took."""
        self.left -= tokens
        self.spent += tokens


class EngineQuota:
    """Asks the model for JSON or for calls of tools, for a few sub-tasks at a time.

    Args:
        engine: The engine.
        model: The model's id.
        parallel: How many answers the engine is to write at once.
        workers: How many processes use it. They do not see who asks the others: with several, one
            slot is always left free.
    """

    def __init__(
        self, engine: EngineClient, model: str, parallel: int, *, workers: int = 1
    ) -> None:
        self._engine = engine
        self._model = model
        self._parallel = parallel
        self._workers = workers
        self._sure = False
        self._answering: list[asyncio.Timeout] = []
        self._changed = asyncio.Event()
        engine.interactive.listen(self._free_slots)

    async def ask(
        self,
        messages: list[Message],
        schema: dict[str, Any],
        *,
        budget: Budget,
        most_tokens: int,
        user: UUID,
    ) -> Any:
        """Return the model's answer under a schema, as data; None: it is no JSON, or broke off.

        Closing the stream, as a cancellation does, also ends the work of the engine.

        Raises:
            BudgetSpent: the task may not ask any more.
            EngineUnavailable: the engine does not answer.
            EngineMisbehaved: its answer makes no sense.
            ContextExceeded: the prompt is too long.
        """
        answered = await self._answer(
            budget,
            most_tokens,
            messages=messages,
            response_format=JsonSchemaFormat(JsonSchema(schema)),
            prompt_cache_key=prompt_cache_key(user),
        )
        text = "".join(event.text for event in answered if isinstance(event, Delta))
        try:
            return msgspec.json.decode(text.encode())
        except msgspec.DecodeError:
            return None

    async def call_tools(
        self,
        messages: list[Message],
        tools: list[Tool],
        *,
        may_call: bool,
        budget: Budget,
        most_tokens: int,
        user: UUID,
    ) -> list[AnswerEvent]:
        """Return what the model says and calls, whole; raises like `ask`."""
        return await self._answer(
            budget,
            most_tokens,
            messages=messages,
            tools=tools,
            tool_choice="auto" if may_call else "none",
            prompt_cache_key=prompt_cache_key(user),
        )

    async def _answer(self, budget: Budget, most_tokens: int, **asked: Any) -> list[AnswerEvent]:
        """Return a whole answer, asked for anew when its slot was given up."""
        budget.require()
        await self._learn_slots()
        request = ChatRequest(
            model=self._model,
            temperature=0.0,
            max_tokens=max(1, min(most_tokens, budget.left)),
            **asked,
        )
        while True:
            answered: list[AnswerEvent] = []
            async with self._slot() as slot:
                try:
                    async with slot:
                        await self._listen(request, answered, budget)
                except TimeoutError:
                    # It gave way, for which the task does not pay: somebody who chats a lot would
                    # make it fail. Its time is limited anyway.
                    budget.require()
                    continue
            return answered

    async def _listen(
        self, request: ChatRequest, answered: list[AnswerEvent], budget: Budget
    ) -> None:
        size = 0
        async with aclosing(self._engine.chat(request, low_priority=True)) as events:
            async for event in events:
                match event:
                    case Delta(text) | CallArguments(text=text):
                        size += len(text)
                        if size <= _LONGEST_ANSWER:
                            answered.append(event)
                    case CallStarted():
                        answered.append(event)
                    case Finished():
                        answered.append(event)
                        usage = event.usage
                        cached = usage.prompt_tokens_details
                        known = cached.cached_tokens if cached else 0
                        budget.spend(max(1, usage.total_tokens - known))
                    case _:  # what it thinks is nobody's answer
                        pass

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[asyncio.Timeout]:
        """Wait for a slot: a timeout that runs out when it has to be given up."""
        while len(self._answering) >= self._limit():
            self._changed.clear()
            await self._changed.wait()
        slot = asyncio.timeout(None)
        self._answering.append(slot)
        try:
            yield slot
        finally:
            self._answering.remove(slot)
            self._changed.set()

    def _limit(self) -> int:
        free = max(1, (self._parallel - (self._workers > 1)) // self._workers)
        return max(0, free - self._engine.interactive.count)

    async def _learn_slots(self) -> None:
        """Ask the engine for its slots: memory may be too short for all that are configured."""
        if self._sure:
            return
        with suppress(PiSovereignError):
            statistics = (await self._engine.health()).statistics
            if statistics is not None:  # our own engine
                self._parallel = min(self._parallel, statistics.slots)
            self._sure = True

    def _free_slots(self) -> None:
        """Give slots back: somebody else came, or left."""
        self._changed.set()
        going = [slot for slot in self._answering if not slot.expired()]
        for slot in going[self._limit() :]:
            slot.reschedule(0)
