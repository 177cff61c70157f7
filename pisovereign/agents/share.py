"""The part of the engine that tasks may use, so that somebody who chats does not wait for them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec

from pisovereign.engine.client import Delta, EngineClient, Finished
from pisovereign.engine.types import ChatRequest, JsonSchema, JsonSchemaFormat, Message
from pisovereign.errors import PiSovereignError

_LONGEST_ANSWER = 64 * 1024


class BudgetSpent(PiSovereignError):
    """A task has used all the tokens that it may."""


class Budget:
    """The tokens of one task; `spent` since `take` was asked last."""

    def __init__(self, left: int) -> None:
        self.left = left
        self._spent = 0

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
        self._spent += tokens

    def take(self) -> int:
        """What was spent since the last time."""
        spent, self._spent = self._spent, 0
        return spent


class EngineShare:
    """Asks the model for JSON, for a few sub-tasks at a time.

    Args:
        engine: The engine.
        model: The model's id.
        places: How many may be answered at once; the engine has more.
    """

    def __init__(self, engine: EngineClient, model: str, places: int) -> None:
        self._engine = engine
        self._model = model
        self._places = asyncio.Semaphore(places)

    async def ask(
        self,
        messages: list[Message],
        schema: dict[str, Any],
        *,
        budget: Budget,
        most_tokens: int,
        cache_key: str,
    ) -> Any:
        """The model's answer under a schema, as data; None: it is no JSON, or broke off.

        Closing the stream, as a cancellation does, also ends the work of the engine.

        Raises:
            BudgetSpent: the task may not ask any more.
            EngineUnavailable: the engine does not answer.
            EngineMisbehaved: its answer makes no sense.
            ContextExceeded: the prompt is too long.
        """
        budget.require()
        request = ChatRequest(
            model=self._model,
            messages=messages,
            temperature=0.0,
            max_tokens=max(1, min(most_tokens, budget.left)),
            response_format=JsonSchemaFormat(JsonSchema(schema)),
            prompt_cache_key=cache_key,
        )
        pieces: list[str] = []
        size = 0
        async with self._places, aclosing(self._engine.chat(request)) as events:
            async for event in events:
                match event:
                    case Delta(text):
                        size += len(text)
                        if size <= _LONGEST_ANSWER:
                            pieces.append(text)
                    case Finished():
                        usage = event.usage
                        cached = usage.prompt_tokens_details
                        known = cached.cached_tokens if cached else 0
                        budget.spend(max(1, usage.total_tokens - known))
        try:
            return msgspec.json.decode("".join(pieces).encode())
        except msgspec.DecodeError:
            return None
