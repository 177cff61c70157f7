"""When an answer is ended, by a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pisovereign.chat.answer_limit import AnswerLimit
from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    Finished,
    Reasoning,
)
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import Usage

END = Finished("stop", Usage(1, 2, 3), "other")
CUT = Finished("length", Usage(), "model")
Timed = tuple[float, AnswerEvent]


class Answer:
    """An answer whose parts come at given seconds, and no end that is not among them."""

    def __init__(self, *parts: Timed) -> None:
        self._parts = parts
        self._now = 1000.0
        self.closed = False

    def cut(
        self, seconds: float | None, *, reader: AnswerReader | None = None
    ) -> list[AnswerEvent]:
        """Return what is left of it."""

        async def read() -> list[AnswerEvent]:
            asyncio.get_running_loop().time = lambda: self._now  # type: ignore[method-assign]
            limit = AnswerLimit(seconds, "model", reader or AnswerReader())
            return [event async for event in limit.cut(self._come())]

        return asyncio.run(read())

    async def _come(self) -> AsyncGenerator[AnswerEvent]:
        try:
            for at, event in self._parts:
                self._now = 1000.0 + at
                yield event
            if self._parts[-1][1] != END:
                self._now += 3600
                await asyncio.Event().wait()
        finally:
            self.closed = True


def test_an_answer_in_time_is_left_as_it_is() -> None:
    parts: list[Timed] = [(0, Delta("One.")), (9.9, Delta(" Two.")), (30, END)]
    for seconds in (10, None):
        reader = AnswerReader()
        answer = Answer(*parts)
        assert answer.cut(seconds, reader=reader) == [event for _, event in parts]
        assert answer.closed
        assert not reader.enough


@pytest.mark.parametrize("last", ["is.", "is. ", "is!", "is\n"])
def test_it_ends_after_a_sentence(last: str) -> None:
    answer = Answer((0, Delta("It")), (10.5, Delta(" really")), (11, Delta(last)), (11.5, END))
    reader = AnswerReader()
    assert answer.cut(10, reader=reader) == [Delta("It"), Delta(" really"), Delta(last), CUT]
    assert answer.closed
    assert reader.enough


def test_it_does_not_wait_for_a_sentence_without_end() -> None:
    answer = Answer((0, Delta("It")), (11.9, Delta(" goes")), (12.1, Delta(" on")), (12.2, END))
    assert answer.cut(10) == [Delta("It"), Delta(" goes"), Delta(" on"), CUT]


def test_it_ends_when_nothing_more_comes() -> None:
    answer, reader = Answer((0, Delta("It"))), AnswerReader()
    assert answer.cut(10, reader=reader) == [Delta("It"), CUT]
    assert answer.closed
    assert reader.enough


def test_calls_count_and_thoughts_do_not() -> None:
    thoughts: list[Timed] = [(0.0, Reasoning("I could.")), (60.0, Reasoning("I will."))]
    call: list[Timed] = [(60.0, CallStarted(0, "c", "weather")), (80.0, CallArguments(0, '{"a": '))]
    answer = Answer(*thoughts, *call, (80.0, CallArguments(0, "1}")), (80.0, END))
    assert answer.cut(10) == [event for _, event in (*thoughts, *call)] + [CUT]
