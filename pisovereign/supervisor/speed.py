"""Measuring the engine's speed, as its clients get it, with an engine process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import psutil

from pisovereign.engine_client.answer_events import Finished
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.types import ChatRequest, Message
from pisovereign.errors import StartError
from pisovereign.supervisor.engine_process import EngineProcess
from pisovereign.supervisor.speed_report import Rate

CLIENTS = (1, 4)
_RUNS = 3
# Together less than two minutes at eight tokens a second.
_READ_WORDS, _WRITTEN = 160, 48
_ANSWER_S = 180.0
_LOAD_S = 300.0
_LOOK_S = 0.05
_SYSTEM = "You are a helpful assistant on a small computer. Answer in plain and short sentences. "
_WORDS = "river table green seven window paper night garden simple winter stone music early bread"


class Answer(NamedTuple):
    """One answer: when it was asked for, began and ended, and its tokens."""

    asked: float
    first: float
    end: float
    prompt: int
    written: int


class Measured(NamedTuple):
    """All runs, in the units of `SpeedReport`."""

    reading: list[Rate]
    writing: list[Rate]
    first_cold_s: list[float]
    first_warm_s: list[float]
    memory: int
    complete: bool


def wait_until_it_serves(engine: EngineProcess) -> float:
    """Return the seconds that a start took.

    Raises:
        StartError: the engine does not serve.
    """
    waiting = engine.until_it_serves(_LOAD_S)
    while True:
        try:
            next(waiting)
        except StopIteration as over:
            if over.value:
                raise StartError(f"the engine does not serve: {over.value}") from None
            return time.monotonic() - engine.started
        time.sleep(_LOOK_S)


class SpeedTest:
    """Asks an engine that nobody else asks.

    Args:
        target: its socket.
        pid: its process id.
        limit_s: after so many seconds no further run begins; each kind is run once at least.
        tell: is told what is measured.
    """

    def __init__(self, target: str, pid: int, limit_s: float, tell: Callable[[str], None]) -> None:
        self._client = EngineClient(target, timeout_s=_ANSWER_S)
        self._pid = pid
        self._until = time.monotonic() + limit_s
        self._tell = tell
        self._asked = 0
        self._complete = True

    async def run(self) -> Measured:
        """Make all measurements.

        Raises:
            EngineUnavailable: the engine is gone.
        """
        try:
            await self._ask("Hello", 1)  # what is done once is done now
            cold, warm = await self._first_tokens()
            reading = [await self._rate("reading", n, self._reading) for n in CLIENTS]
            writing = [await self._rate("writing", n, self._writing) for n in CLIENTS]
            memory = psutil.Process(self._pid).memory_info().rss
            return Measured(reading, writing, cold, warm, memory, self._complete)
        finally:
            await self._client.close()

    async def _rate(
        self, name: str, clients: int, measure: Callable[[int], Awaitable[float]]
    ) -> Rate:
        self._tell(f"{name}, {clients} at once")
        runs: list[float] = []
        while len(runs) < _RUNS and self._goes_on(runs):
            runs.append(round(await measure(clients), 2))
        return Rate(clients=clients, runs=runs)

    async def _first_tokens(self) -> tuple[list[float], list[float]]:
        self._tell("first tokens")
        cold: list[float] = []
        warm: list[float] = []
        while len(cold) < _RUNS and self._goes_on(cold):
            self._asked += 1
            # A conversation of its own: its beginning is nobody else's.
            messages = [
                Message("system", f"{self._asked}. {_SYSTEM * 4}"),
                Message("user", "What is a good breakfast?"),
            ]
            first = await self._answer(messages, 8)
            cold.append(round(first.first - first.asked, 3))
            messages += [Message("assistant", "Bread."), Message("user", "And for lunch?")]
            second = await self._answer(messages, 8)
            warm.append(round(second.first - second.asked, 3))
        return cold, warm

    async def _reading(self, clients: int) -> float:
        """Return tokens a second of prompts that have nothing in common."""
        asked = [self._ask(self._text(), 1) for _ in range(clients)]
        answers = await asyncio.gather(*asked)
        seconds = max(a.first for a in answers) - min(a.asked for a in answers)
        return sum(answer.prompt for answer in answers) / seconds

    async def _writing(self, clients: int) -> float:
        """Return tokens a second while all answers are written."""
        question = "Tell me a long story about a lighthouse, a storm and a ship."
        answers = await asyncio.gather(*(self._ask(question, _WRITTEN) for _ in range(clients)))
        # The first token of each belongs to reading.
        seconds = max(a.end for a in answers) - max(a.first for a in answers)
        return sum(max(0, answer.written - 1) for answer in answers) / max(seconds, 1e-3)

    async def _ask(self, text: str, tokens: int) -> Answer:
        self._asked += 1
        return await self._answer([Message("user", f"{self._asked}: {text}")], tokens)

    async def _answer(self, messages: list[Message], tokens: int) -> Answer:
        request = ChatRequest(
            messages=messages,
            max_tokens=tokens,
            temperature=0.0,
            repetition_guard=False,
            prompt_cache_key="bench",
        )
        asked, first = time.monotonic(), 0.0
        async for event in self._client.chat(request):
            first = first or time.monotonic()
            if isinstance(event, Finished):
                usage = event.usage
                return Answer(
                    asked, first, time.monotonic(), usage.prompt_tokens, usage.completion_tokens
                )
        raise AssertionError("an answer ends with its counts or an error")

    def _text(self) -> str:
        """Return words in an order that no other prompt has."""
        words, turn = _WORDS.split(), self._asked + 1
        return " ".join(words[(i * turn + i // 7) % len(words)] for i in range(_READ_WORDS))

    def _goes_on(self, runs: list[float]) -> bool:
        """Return whether there is time for another run, or none was made."""
        if not runs or time.monotonic() < self._until:
            return True
        self._complete = False
        return False
