"""What the real engine says of how long its answers take."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from pisovereign.engine_client.client import AnswerEvent, EngineClient, Expected, Finished
from pisovereign.engine_client.types import ChatRequest
from pisovereign.errors import PromptTooSlow
from tests.engine.support import EngineProcess, request
from tests.support.patience import PATIENCE_S

WORDS = "river table green seven window paper night garden simple winter stone music " * 30


def ask(engine: EngineProcess, asked: ChatRequest) -> list[AnswerEvent]:
    async def go() -> list[AnswerEvent]:
        client = EngineClient(str(engine.socket), timeout_s=PATIENCE_S)
        try:
            return [event async for event in client.chat(asked)]
        finally:
            await client.close()

    return asyncio.run(go())


def new(text: str, **fields: Any) -> ChatRequest:
    """A question that has nothing in common with another one, and its owner's alone."""
    return request(f"{uuid.uuid4()} {text}", max_tokens=4, **fields)


@pytest.fixture(autouse=True)
def measured(engine: EngineProcess) -> None:
    """Let the engine know how fast it is."""
    for _ in range(2):
        ask(engine, new("Hello"))


def test_it_is_told_first_where_it_was_asked_for(engine: EngineProcess) -> None:
    first, *rest = ask(engine, new("Hello", expectation=True))
    assert isinstance(first, Expected)
    assert first.first_s > 0
    assert first.token_s > 0
    assert isinstance(rest[-1], Finished)
    assert not any(isinstance(event, Expected) for event in rest)
    assert not any(isinstance(event, Expected) for event in ask(engine, new("Hello")))


def test_a_long_prompt_takes_longer_until_it_was_read(engine: EngineProcess) -> None:
    key = str(uuid.uuid4())
    long = new(WORDS, expectation=True, prompt_cache_key=key)
    short, told = ask(engine, new("Hello", expectation=True))[0], ask(engine, long)[0]
    again = ask(engine, long)[0]
    assert isinstance(short, Expected)
    assert isinstance(told, Expected)
    assert isinstance(again, Expected)
    # By how much, the board's load decides, on which it was measured how fast it is.
    assert told.first_s > short.first_s
    assert told.first_s > again.first_s


def test_a_prompt_that_takes_too_long_is_refused_before_it_is_read(engine: EngineProcess) -> None:
    key = str(uuid.uuid4())
    long = new(WORDS, prompt_cache_key=key)
    limited = new(WORDS, max_prompt_s=1e-3)
    with pytest.raises(PromptTooSlow) as refused:
        ask(engine, limited)
    assert refused.value.computed > 300
    assert refused.value.in_time < refused.value.computed
    read = ask(engine, long)
    assert isinstance(read[-1], Finished)
    assert read[-1].usage.prompt_tokens > 300


def test_what_was_read_already_takes_no_time(engine: EngineProcess) -> None:
    text = f"{uuid.uuid4()} {WORDS}"
    key = str(uuid.uuid4())
    ask(engine, request(text, max_tokens=1, prompt_cache_key=key))
    told = ask(engine, request(text, max_tokens=1, prompt_cache_key=key, expectation=True))[0]
    assert isinstance(told, Expected)
    again = request(text, max_tokens=1, prompt_cache_key=key, max_prompt_s=5 * told.first_s + 0.1)
    assert isinstance(ask(engine, again)[-1], Finished)
