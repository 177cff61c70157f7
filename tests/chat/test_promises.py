"""What is promised of answers, and what is learned from how it was kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from msgspec import UNSET

from pisovereign.api_keys import Identity
from pisovereign.chat.memory_notes import NO_NOTES
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.model_turns import Answered
from pisovereign.chat.promises import Promises
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.types import ChatRequest, Promise
from pisovereign.chat.user_message import UserMessage
from pisovereign.engine_client.client import Expected, Finished
from pisovereign.engine_client.types import FinishReason, Usage

USER = UUID(int=1)
SOON = Expected(0.5, 0.01)


def turn(text: str = "Tell me more.", user: UUID = USER, **fields: object) -> PendingTurn:
    values: dict[str, object] = {
        "said": UserMessage(
            identity=Identity(user, frozenset(("user",)), "test"),
            request=ChatRequest(message=text),
        ),
        "language": "en",
        "conversation": "c",
        "system_prompt": "s",
        "history": (),
        "newest": text,
        "model": "m",
        "temperature": 0.0,
        "max_tokens": 1000,
        "notes": NO_NOTES,
        "lesson": None,
        "watch": Stopwatch(),
    }
    return PendingTurn(**{**values, **fields})  # type: ignore[arg-type]


async def _pieces(
    expected: Expected | None, tokens: int, reason: FinishReason
) -> AsyncGenerator[str | Expected | Answered]:
    if expected is not None:
        yield expected
    yield "word"
    usage = Usage(10, tokens, 10 + tokens)
    yield Answered("word", Finished(reason, usage, "m"), None)


def play(
    promises: Promises,
    asked: PendingTurn,
    expected: Expected | None = SOON,
    *,
    tokens: int = 50,
    reason: FinishReason = "stop",
) -> Promise | None:
    async def go() -> Promise | None:
        told = None
        async for piece in promises.watch(asked, _pieces(expected, tokens, reason)):
            if isinstance(piece, Promise):
                told = piece
            assert not isinstance(piece, Expected)
        return told

    return asyncio.run(go())


def test_nothing_is_promised_where_nothing_is_expected() -> None:
    assert play(Promises(90, 60), turn(), None) is None


def test_the_end_comes_by_the_length_of_earlier_answers() -> None:
    promises = Promises(90, 60)
    for _ in range(30):
        play(promises, turn(), tokens=200)
    told = play(promises, turn())
    assert told is not None
    assert told.expected_s.first >= 0.5
    # The test is over at once, so it was learned that tokens come sooner than was expected.
    assert 0.5 * 200 * 0.01 * 0.7 < told.expected_s.end - told.expected_s.first < 3.0
    limited = play(promises, turn(max_tokens=20))
    assert limited is not None
    assert limited.expected_s.end - limited.expected_s.first <= 20 * 0.01 + 0.01


def test_who_waits_for_long_is_told_so_in_their_language() -> None:
    promises = Promises(90, 60)
    assert play(promises, turn()).notice is UNSET  # type: ignore[union-attr]
    told = play(promises, turn("Erzähl mir mehr davon, bitte."), Expected(61.0, 0.01))
    assert told is not None
    assert told.notice == "Ich sage dir Bescheid, wenn es fertig ist."


def test_an_answer_that_is_cut_in_time_ends_in_time() -> None:
    promises = Promises(2.0, 60)
    told = play(promises, turn(may_be_cut=True), Expected(0.5, 10.0))
    assert told is not None
    assert told.expected_s.end - told.expected_s.first <= 2.0
    told = play(promises, turn(may_be_cut=False), Expected(0.5, 10.0))
    assert told is not None
    assert told.expected_s.end > 60


def test_what_is_learned_of_one_person_is_used_for_nobody_else() -> None:
    promises = Promises(90, 60)
    for _ in range(30):
        play(promises, turn(), Expected(0.5, 0.01), tokens=900)
    other = turn(user=UUID(int=9))
    mine, others = play(promises, turn()), play(promises, other)
    assert mine is not None
    assert others is not None
    assert mine.expected_s.end - mine.expected_s.first > 2 * (
        others.expected_s.end - others.expected_s.first
    )
