from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import msgspec
import pytest

from pisovereign.engine.chat import Answer
from pisovereign.engine.errors import GenerationFailed
from pisovereign.engine.expectation import Expected
from pisovereign.engine.jobs import (
    CallArguments,
    CallStarted,
    Delta,
    Done,
    Event,
    Failed,
    Reasoning,
)
from pisovereign.engine.sse_stream import AnswerStream
from pisovereign.engine_client.types import Chunk


class FakeAnswer:
    expected: Expected | None = None

    def __init__(self, *events: Event | None) -> None:
        self.events = list(events)
        self.closed = False

    async def next(self, _timeout_s: float) -> Event | None:
        return self.events.pop(0)

    def close(self) -> None:
        self.closed = True


def collect(
    answer: FakeAnswer, *, usage: bool = False, steps: Callable[[], int] = lambda: 0
) -> list[bytes]:
    async def go() -> list[bytes]:
        parts = AnswerStream(
            cast(Answer, answer),
            None,
            Chunk("id", 0, "m", []),
            include_usage=usage,
            steps=steps,
        )
        result = [part async for part in parts]
        await parts.close()
        return result

    return asyncio.run(go())


def test_heartbeats_only_while_the_engine_gets_on() -> None:
    counts = iter([1, 2, 2, 2, 3])
    answer = FakeAnswer(None, None, None, None, Done("stop", 1, 1, 0))
    parts = collect(answer, steps=lambda: next(counts))
    assert parts.count(b": still working\n\n") == 3
    assert answer.closed


@pytest.mark.parametrize("usage", [True, False])
def test_the_end(usage: bool) -> None:
    parts = collect(FakeAnswer(Delta("hi"), Done("length", 3, 2, 1)), usage=usage)
    events = b"".join(parts).decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [msgspec.json.decode(e[6:]) for e in events[:-2] if e.startswith("data")]
    assert [c["choices"][0]["delta"].get("content") for c in chunks if c["choices"]] == [
        "",
        "hi",
        None,
    ]
    assert ("usage" in chunks[-1]) == usage


def test_a_failure_ends_the_stream_without_done() -> None:
    parts = collect(FakeAnswer(Delta("hi"), Failed(GenerationFailed("broken"))))
    assert b'"error"' in parts[-1]
    assert b"[DONE]" not in b"".join(parts)


def test_thoughts_and_calls_are_openais_deltas() -> None:
    answer = FakeAnswer(
        Reasoning("hm"),
        CallStarted(0, "call_a", "weather"),
        CallArguments(0, '{"city":'),
        CallArguments(0, ' "Rome"}'),
        CallStarted(1, "call_b", "time"),
        Done("tool_calls", 3, 2, 1),
    )
    events = b"".join(collect(answer)).decode().split("\n\n")
    choices = [msgspec.json.decode(e[6:])["choices"][0] for e in events if e.startswith("data: {")]
    assert [choice["delta"] for choice in choices[1:]] == [
        {"reasoning_content": "hm"},
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "call_a",
                    "type": "function",
                    "function": {"name": "weather", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ' "Rome"}'}}]},
        {
            "tool_calls": [
                {
                    "index": 1,
                    "id": "call_b",
                    "type": "function",
                    "function": {"name": "time", "arguments": ""},
                }
            ]
        },
        {},
    ]
    assert choices[-1]["finish_reason"] == "tool_calls"
