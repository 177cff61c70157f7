"""Calls of tools as servers send them, and as they are sent to them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    EngineClient,
    EngineMisbehaved,
    Finished,
    Reasoning,
)
from pisovereign.engine_client.types import (
    ChatRequest,
    ChosenFunction,
    FunctionCall,
    FunctionSpec,
    Message,
    NamedToolChoice,
    Tool,
    ToolCall,
)
from tests.engine.support import ScriptedServer, http, request
from tests.support.patience import PATIENCE_S


def answer(*deltas: dict[str, Any], reason: str = "tool_calls") -> list[AnswerEvent]:
    """What the client makes of these deltas."""

    async def go() -> list[AnswerEvent]:
        chunks: list[dict[str, Any]] = [{"choices": [{"delta": delta}]} for delta in deltas]
        chunks.append({"choices": [{"delta": {}, "finish_reason": reason}]})
        lines = [b"data: " + msgspec.json.encode(chunk) for chunk in chunks]
        async with ScriptedServer(http(b"\n\n".join([*lines, b"data: [DONE]\n\n"]))) as server:
            client = EngineClient(server.url, timeout_s=PATIENCE_S)
            try:
                return [event async for event in client.chat(request("Hello", model="m"))]
            finally:
                await client.close()

    return asyncio.run(go())


def called(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"tool_calls": list(calls)}


def whole(events: list[AnswerEvent]) -> list[tuple[str, str]]:
    """Name and arguments of each call; the ids have to be there, and all different."""
    calls: dict[int, tuple[str, str]] = {}
    ids: set[str] = set()
    for event in events:
        if isinstance(event, CallStarted):
            assert event.id
            assert event.index == len(calls)
            ids.add(event.id)
            calls[event.index] = event.name, ""
        elif isinstance(event, CallArguments):
            name, arguments = calls[event.index]
            calls[event.index] = name, arguments + event.text
    assert len(ids) == len(calls)
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason == "tool_calls"
    return list(calls.values())


def test_openais_pieces() -> None:
    events = answer(
        {"role": "assistant", "content": None},
        called({"index": 0, "id": "a", "type": "function", "function": {"name": "f"}}),
        called({"index": 0, "function": {"arguments": '{"x":'}}),
        called({"index": 0, "function": {"arguments": "1}"}}),
        called({"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}}),
        called({"index": 1, "function": {"arguments": "{}"}}),
    )
    assert events[:-1] == [
        CallStarted(0, "a", "f"),
        CallArguments(0, '{"x":'),
        CallArguments(0, "1}"),
        CallStarted(1, "b", "g"),
        CallArguments(1, "{}"),
    ]
    assert whole(events) == [("f", '{"x":1}'), ("g", "{}")]


F = {"function": {"name": "f", "arguments": '{"x": 1}'}}
G = {"function": {"name": "g", "arguments": "{}"}}
BOTH = [("f", '{"x": 1}'), ("g", "{}")]


@pytest.mark.parametrize(
    "deltas",
    [
        [called(F, G)],
        [called(F), called(G)],
        [called({**F, "id": "1"}), called({**G, "id": "2"})],
        [called({**F, "id": "1", "index": 0}, {**G, "id": "2", "index": 0})],
        [called({**F, "id": "", "index": 0}, {**G, "id": "", "index": 1})],
        [called({**F, "index": 0}), called({**G, "index": 5})],
        [called({"function": {"name": "f", "arguments": {"x": 1}}}), called(G)],
        # The arguments come before the name, and the name again with each piece.
        [
            called({"index": 0, "id": "1", "function": {"arguments": '{"x"'}}),
            called({"index": 0, "id": "1", "function": {"name": "f", "arguments": ": "}}),
            called({"index": 0, "id": "1", "function": {"name": "f", "arguments": "1}"}}),
            called({**G, "index": 1}),
        ],
        [called({"id": "1", "function": {"name": "f"}}), called(F | {"id": "1"}), called(G)],
    ],
)
def test_other_habits(deltas: list[dict[str, Any]]) -> None:
    calls = whole(answer(*deltas))
    assert [(name, json.loads(arguments)) for name, arguments in calls] == [
        (name, json.loads(arguments)) for name, arguments in BOTH
    ]


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call"])
def test_the_reason_is_a_call_however_it_is_named(reason: str) -> None:
    assert whole(answer(called(F), reason=reason)) == BOTH[:1]


def test_a_call_that_is_cut_off() -> None:
    events = answer(called(F), reason="length")
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "length"


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_thoughts_are_no_text(key: str) -> None:
    events = answer({key: "hm"}, {"content": "Hi"}, reason="stop")
    assert events[:-1] == [Reasoning("hm"), Delta("Hi")]


@pytest.mark.parametrize(
    "deltas",
    [
        [called({"index": 0, "function": {"arguments": "{}"}})],
        [called({"index": 0, "id": "a"})],
        [called({"function": {"name": "f" * 1000}})],
        [called(*[F] * 129)],
        [called({"index": "a", "function": {"name": "f"}})],
        [called({"function": {"name": 7}})],
    ],
)
def test_senseless_calls(deltas: list[dict[str, Any]]) -> None:
    with pytest.raises(EngineMisbehaved):
        answer(*deltas)


def test_what_is_sent_of_tools() -> None:
    call = ToolCall("a", FunctionCall("f", "{}"))
    sent = msgspec.json.decode(
        msgspec.json.encode(
            ChatRequest(
                messages=[
                    Message("user", "Hi"),
                    Message("assistant", tool_calls=[call]),
                    Message("tool", "7", tool_call_id="a", name="f"),
                ],
                tools=[Tool(FunctionSpec("f", "It does.", {"type": "object"}))],
                tool_choice=NamedToolChoice(ChosenFunction("f")),
                parallel_tool_calls=False,
                reasoning_effort="low",
            )
        )
    )
    assert sent == {
        "messages": [
            {"role": "user", "content": "Hi"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"id": "a", "function": {"name": "f", "arguments": "{}"}, "type": "function"}
                ],
            },
            {"role": "tool", "content": "7", "tool_call_id": "a", "name": "f"},
        ],
        "tools": [
            {
                "function": {
                    "name": "f",
                    "description": "It does.",
                    "parameters": {"type": "object"},
                },
                "type": "function",
            }
        ],
        "tool_choice": {"function": {"name": "f"}, "type": "function"},
        "parallel_tool_calls": False,
        "reasoning_effort": "low",
    }
    plain = msgspec.to_builtins(ChatRequest(messages=[Message("user", "Hi")]))
    assert plain == {"messages": [{"role": "user", "content": "Hi"}]}
