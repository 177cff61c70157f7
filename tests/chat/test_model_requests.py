"""Prompts that are too long for the model's context, with what tools have given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast
from uuid import uuid4

import pytest

from pisovereign.api_keys import Identity
from pisovereign.chat.memory_notes import NO_NOTES
from pisovereign.chat.model_requests import ModelRequests, PendingTurn
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.types import ChatRequest as Asked
from pisovereign.chat.user_message import UserMessage
from pisovereign.config import Config
from pisovereign.engine_client.client import AnswerEvent, Delta, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest, FunctionCall, Message, ToolCall, Usage
from pisovereign.errors import ContextExceeded, ValidationFailed
from pisovereign.tool_use.toolbox import told
from pisovereign.tool_use.types import CallResult

CONTEXT = 4_000  # characters, here


class Answers:
    """Takes what is not too long."""

    def __init__(self) -> None:
        self.taken: list[ChatRequest] = []

    async def chat(self, user: Any, request: ChatRequest, **_: Any) -> AsyncGenerator[AnswerEvent]:
        if sum(len(message.content) for message in request.messages) > CONTEXT:
            raise ContextExceeded(None, CONTEXT)
        self.taken.append(request)
        yield Delta("x")
        yield Finished("stop", Usage(), "m")


class Store:
    """Knows which messages were taken back."""

    def __init__(self) -> None:
        self.withdrawn = 0

    async def withdraw(self, *_: Any) -> bool:
        self.withdrawn += 1
        return True


class Models:
    async def context_length(self) -> int:
        return 100_000


def ask(text: str, results: list[CallResult]) -> tuple[Answers, Store]:
    answers, store = Answers(), Store()
    requests = ModelRequests(
        config=Config(),
        store=cast(Any, store),
        answers=cast(Any, answers),
        models=cast(Any, Models()),
    )
    turn = PendingTurn(
        watch=Stopwatch(),
        said=UserMessage(
            identity=Identity(uuid4(), frozenset(("user",)), "test"),
            request=Asked(message=text),
        ),
        language="en",
        conversation="c",
        system_prompt="s",
        history=(),
        newest=text,
        model="m",
        temperature=0.0,
        max_tokens=10,
        notes=NO_NOTES,
        lesson=None,
        tools=[],
    )
    after = [
        message
        for at, result in enumerate(results)
        for message in (
            Message("assistant", "", [ToolCall(str(at), FunctionCall("emails", "{}"))]),
            Message("tool", told(result), tool_call_id=str(at), name="emails"),
        )
    ]

    async def read() -> None:
        async for _ in requests.events(turn, AnswerReader(), after=after, choice="auto"):
            pass

    try:
        asyncio.run(read())
    except ValidationFailed:
        assert not answers.taken
    return answers, store


@pytest.mark.parametrize("outside", [True, False])
def test_results_become_shorter_until_they_fit(*, outside: bool) -> None:
    result = CallResult(status="completed", text="word " * 700, outside_text=outside)
    answers, store = ask("What is new?", [result] * 4)
    assert not store.withdrawn
    (taken,) = answers.taken
    shortened = [message for message in taken.messages if message.role == "tool"]
    assert len(shortened) == 4
    for message in shortened:
        assert "word word" in message.content
        assert message.content.startswith("<results>\nWhat others wrote.") == outside
        assert message.content.endswith("\n</results>") == outside
        assert message.tool_call_id is not None


def test_a_message_that_is_too_long_by_itself_is_taken_back() -> None:
    result = CallResult(status="completed", text="word " * 700, outside_text=True)
    answers, store = ask("x" * (CONTEXT + 1), [result])
    assert not answers.taken
    assert store.withdrawn == 1
