"""One request on its way through the engine, and the events that come back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pisovereign.engine.errors import EngineError
from pisovereign.engine.generation import Generation
from pisovereign.engine_client.answer_events import (
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Reasoning,
)
from pisovereign.engine_client.types import FinishReason

__all__ = [
    "AnswerPiece",
    "CallArguments",
    "CallStarted",
    "Delta",
    "Done",
    "Event",
    "EventStream",
    "Failed",
    "Job",
    "Reasoning",
]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete; counts are in tokens."""

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer cannot be completed."""

    error: EngineError


Event = AnswerPiece | Done | Failed


@dataclass(slots=True, eq=False)
class Job:
    """A request, as the scheduler needs to know it.

    Attributes:
        prompt: tokens of the prompt, at least one.
        shared: how many of them, at the front, are the same for everybody (the system message).
        cache_key: whose prompts this one may share computed tokens with.
        generation: turns logits into tokens and text.
        deliver: takes an event; called on the event loop.
        low_priority: pauses while the prompt of one that does not is read.
        stable: how many of the prompt's tokens the next turn's will begin with, whatever becomes
            of the answer; 0: all.
        front: how many of them, at the front, other conversations of the same owner begin with, as
            where a program sends the same instructions and tools with each; 0: nobody knows.
        cancelled: set once, by `Worker.cancel`.
        cached_tokens: set when a sequence is assigned, as is
        passed: how many jobs that came later were admitted before it.
        started: in seconds of the monotonic clock; so is
        submitted: set when the worker takes it in.
        expected_s: after how many seconds its first token was expected then; 0: nobody asked.
    """

    prompt: list[int]
    shared: int
    cache_key: str
    generation: Generation
    deliver: Callable[[Event], None]
    low_priority: bool = False
    stable: int = 0
    front: int = 0
    cancelled: bool = False
    cached_tokens: int = 0
    passed: int = 0
    started: float = 0.0
    submitted: float = 0.0
    expected_s: float = 0.0


@dataclass(slots=True)
class EventStream:
    """The event loop's side of a job: a queue that needs no task for each event."""

    _events: deque[Event] = field(default_factory=deque)
    _waiter: asyncio.Future[None] | None = None

    def put(self, event: Event) -> None:
        """Add an event; on the event loop's thread only."""
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self, timeout_s: float) -> Event | None:
        """Return the next event, or None if there is none within the time."""
        if not self._events:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(timeout_s, _wake, self._waiter)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        return self._events.popleft() if self._events else None


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
