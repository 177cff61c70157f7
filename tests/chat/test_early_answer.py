"""Answers that are asked for before it is certain that anybody wants them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence

import pytest

from pisovereign.chat.early_answer import EarlyAnswer
from pisovereign.engine_client.client import AnswerEvent, Delta, EngineUnavailable, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest, Message, Usage
from tests.metrics.scrape import Series, counted, series
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until

END = Finished("stop", Usage(), "model")
ANSWER: list[AnswerEvent | Exception] = [Delta("Cats "), Delta("purr."), END]


class Engine:
    """An answer, and what became of it."""

    def __init__(self, answer: Sequence[AnswerEvent | Exception]) -> None:
        self.begun = False
        self.closed = asyncio.Event()
        self.answer = answer

    async def events(self) -> AsyncGenerator[AnswerEvent]:
        self.begun = True
        try:
            for event in self.answer:
                if isinstance(event, Exception):
                    raise event
                yield event
                await asyncio.sleep(0)
        finally:
            self.closed.set()


def asking(text: str) -> ChatRequest:
    return ChatRequest(model="model", messages=[Message("user", text)])


def early(engine: Engine, reader: AnswerReader, within_s: float = PATIENCE_S) -> EarlyAnswer:
    return EarlyAnswer(asking("Why?"), engine.events(), reader, within_s)


def asked(server: Server, before: Series) -> dict[str, float]:
    """How the answers of the model ended that were asked for since then."""
    now, then = (counted(found, "inference_requests_total") for found in (series(server), before))
    return {
        status: number - then[status] for status, number in now.items() if number != then[status]
    }


def test_it_is_asked_for_at_once_and_all_of_it_is_taken() -> None:
    async def run() -> None:
        engine = Engine(ANSWER)
        answer = early(engine, AnswerReader())
        await asyncio.sleep(0.01)
        assert engine.begun
        taken = answer.take(asking("Why?"), AnswerReader())
        assert taken is not None
        assert [event async for event in taken] == ANSWER
        assert engine.closed.is_set()

    asyncio.run(run())


def test_what_is_asked_otherwise_is_not_answered_with_it() -> None:
    async def run() -> None:
        engine, reader = Engine(ANSWER), AnswerReader()
        answer = early(engine, reader)
        assert answer.take(asking("How?"), AnswerReader()) is None
        await answer.leave()
        assert engine.closed.is_set() or not engine.begun
        assert reader.enough

    asyncio.run(run())


def test_it_is_taken_once() -> None:
    async def run() -> None:
        answer = early(Engine(ANSWER), AnswerReader())
        taken = answer.take(asking("Why?"), AnswerReader())
        assert answer.take(asking("Why?"), AnswerReader()) is None
        await answer.leave()  # whoever took it goes on
        assert taken is not None
        assert [event async for event in taken] == ANSWER

    asyncio.run(run())


def test_nobody_left_what_is_not_wanted() -> None:
    async def run() -> None:
        engine, reader = Engine(ANSWER), AnswerReader()
        answer = early(engine, reader)
        await asyncio.sleep(0.01)
        await answer.leave()
        assert engine.closed.is_set()
        assert reader.enough
        assert answer.take(asking("Why?"), AnswerReader()) is None

    asyncio.run(run())


def test_what_nobody_takes_ends_by_itself() -> None:
    async def run() -> None:
        engine, reader = Engine(ANSWER), AnswerReader()
        answer = early(engine, reader, within_s=0.01)
        async with asyncio.timeout(PATIENCE_S):
            await engine.closed.wait()
        assert reader.enough
        assert answer.take(asking("Why?"), AnswerReader()) is None

    asyncio.run(run())


def test_a_reader_who_leaves_ends_it() -> None:
    async def run() -> None:
        engine, counted = Engine(ANSWER), AnswerReader()
        taken = early(engine, counted).take(asking("Why?"), AnswerReader())
        assert taken is not None
        assert await anext(taken) == ANSWER[0]
        await taken.aclose()
        assert engine.closed.is_set()
        assert not counted.enough  # it counts as one whose client left

    asyncio.run(run())


def test_what_goes_wrong_is_told_to_whoever_takes_it() -> None:
    async def run() -> None:
        engine = Engine([EngineUnavailable("it is gone")])
        taken = early(engine, AnswerReader()).take(asking("Why?"), AnswerReader())
        assert taken is not None
        with pytest.raises(EngineUnavailable, match="gone"):
            await anext(taken)

    asyncio.run(run())


def test_what_goes_wrong_is_of_no_interest_where_nobody_takes_it() -> None:
    async def run() -> None:
        answer = early(Engine([EngineUnavailable("it is gone")]), AnswerReader())
        await asyncio.sleep(0.01)
        await answer.leave()

    asyncio.run(run())


def test_a_question_is_asked_once(server: Server) -> None:
    before = series(server)
    name = f"early-{uuid.uuid4()}"
    server.chat("Why do cats purr?", conversation_id=name)
    server.chat("And why do dogs bark?", conversation_id=name)
    wait_until(
        lambda: asked(server, before) == {"success": 2},
        PATIENCE_S,
        "two answers, and no other",
    )


def test_the_engine_is_left_where_the_program_answers_itself(server: Server) -> None:
    before = series(server)
    # Nothing in its words tells that no model may answer it.
    answer = server.chat("is it ok to take two painkillers with a glass of whisky").json()
    assert answer["caution"] == "health"

    def is_idle() -> bool:
        health = server.engine_health()
        return not health["active"] and not health["queue"]

    wait_until(is_idle, PATIENCE_S, "an engine that nobody asks")
    assert asked(server, before) == {}
