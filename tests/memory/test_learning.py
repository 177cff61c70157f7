"""The queue behind learning: bounded, patient with failures, and gone at a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast
from uuid import UUID

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.memory import learning as module
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.learning import LEARNED_TAG, MOST_WAITING, Learner
from pisovereign.memory.types import NewMemory

USER = UUID(int=1)
ANSWER = "That is good to know, thank you."


class Writing:
    """In place of an editor: keeps what it is given, after doing something else."""

    def __init__(self, before: Callable[[NewMemory], Awaitable[None]]) -> None:
        self._before = before
        self.stored: list[NewMemory] = []

    async def add(self, user: UUID, new: NewMemory) -> None:
        await self._before(new)
        self.stored.append(new)


async def nothing(new: NewMemory) -> None:
    await asyncio.sleep(0)


async def forever(new: NewMemory) -> None:
    await asyncio.Event().wait()


def learned(writing: Writing, *messages: str) -> list[str]:
    async def learn() -> None:
        learner = Learner(cast(MemoryEditor, writing), None)
        learner.start()
        for message in messages:
            learner.offer(USER, message, ANSWER)
        await learner.stop()

    asyncio.run(learn())
    return [new.content for new in writing.stored]


def test_what_waits_is_learned_before_the_end() -> None:
    writing = Writing(nothing)
    assert learned(writing, *(f"I own {number} old bicycles." for number in range(9))) == [
        f"I own {number} old bicycles." for number in range(9)
    ]
    assert {tag for new in writing.stored for tag in new.tags} == {LEARNED_TAG}


def test_more_than_can_wait_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    messages = [f"I own {number} old bicycles." for number in range(MOST_WAITING + 7)]
    assert learned(Writing(nothing), *messages) == messages[:MOST_WAITING]
    assert len(caplog.records) == 7
    assert "bicycles" not in caplog.text


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), ValueError("unforeseen")])
def test_a_failure_costs_one_exchange(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def fail_once(new: NewMemory) -> None:
        if "tea" in new.content:
            raise error

    found = learned(Writing(fail_once), "I like tea very much.", "I like rye bread very much.")
    assert found == ["I like rye bread very much."]
    assert caplog.records
    assert "tea" not in caplog.text


def test_a_stop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STOP_LIMIT_S", 0.02)
    assert learned(Writing(forever), "I like tea very much.", "I like rye bread very much.") == []


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("I like green tea. ", ANSWER),
        ("I like green tea a lot.", "Fine.                         "),
        ("   I like tea.           ", ANSWER),
    ],
)
def test_short_exchanges_are_small_talk(message: str, answer: str) -> None:
    async def check() -> list[NewMemory]:
        writing = Writing(nothing)
        learner = Learner(cast(MemoryEditor, writing), None)
        learner.start()
        learner.offer(USER, message, answer)
        await learner.stop()
        return writing.stored

    assert asyncio.run(check()) == []


def test_who_wants_to_be_forgotten_is_not_learned_from() -> None:
    async def check() -> list[str]:
        writing = Writing(nothing)
        learner = Learner(cast(MemoryEditor, writing), None)
        learner.offer(USER, "I like tea very much.", ANSWER)
        learner.offer(UUID(int=2), "I like rye bread very much.", ANSWER)
        learner.forget(USER)
        learner.offer(USER, "I like olives very much.", ANSWER)
        learner.start()
        await learner.stop()
        return [new.content for new in writing.stored]

    assert asyncio.run(check()) == ["I like rye bread very much.", "I like olives very much."]


def test_a_learner_that_never_began_can_be_stopped() -> None:
    asyncio.run(Learner(cast(MemoryEditor, Writing(nothing)), None).stop())
