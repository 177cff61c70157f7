"""Calls of tools through the real engine: forced, as a small model would not make any."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    EngineClient,
    Finished,
)
from pisovereign.engine_client.types import ChatRequest, FunctionSpec, Message, Tool
from tests.engine.support import EngineProcess
from tests.support.patience import PATIENCE_S

SCHEMAS: dict[str, dict[str, Any]] = {
    "get_weather": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "maxLength": 20},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
            "units": {"enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city", "days"],
    },
    "add_event": {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 3, "maxLength": 20},
            "day": {"type": "string", "format": "date"},
            "people": {
                "type": "array",
                "items": {"type": "string", "maxLength": 8},
                "minItems": 1,
                "maxItems": 2,
            },
        },
        "required": ["title", "day", "people"],
    },
    "set_lamp": {
        "type": "object",
        "properties": {
            "on": {"type": "boolean"},
            "level": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "where": {
                "type": "object",
                "properties": {"room": {"enum": ["kitchen", "hall"]}},
                "required": ["room"],
            },
        },
        "required": ["on", "level", "where"],
    },
    "now": {},
}


def tools(*names: str) -> list[dict[str, Any]]:
    return [
        {"type": "function", "function": {"name": name, "parameters": SCHEMAS[name]}}
        for name in names or SCHEMAS
    ]


def ask(text: str = "Do something.", **fields: Any) -> dict[str, Any]:
    fields.setdefault("tools", tools())
    fields.setdefault("max_tokens", 300)
    return {"messages": [{"role": "user", "content": text}], **fields}


def choice(engine: EngineProcess, body: dict[str, Any]) -> dict[str, Any]:
    status, answer, _ = engine.post("/v1/chat/completions", body)
    assert status == 200, answer
    found: dict[str, Any] = answer["choices"][0]
    return found


def checked(name: str, arguments: str) -> None:
    Draft202012Validator(SCHEMAS[name] or {"type": "object"}).validate(json.loads(arguments))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_named_tool_is_called_with_valid_arguments(engine: EngineProcess, name: str) -> None:
    wanted = {"type": "function", "function": {"name": name}}
    for seed in range(3):
        body = ask(f"Do it, {seed}", tool_choice=wanted, temperature=1.2, seed=seed)
        answer = choice(engine, {**body, "parallel_tool_calls": False})
        assert answer["finish_reason"] == "tool_calls"
        message = answer["message"]
        assert message["content"] is None
        (call,) = message["tool_calls"]
        assert call["id"]
        assert call["type"] == "function"
        assert call["function"]["name"] == name
        checked(name, call["function"]["arguments"])


def test_any_tool_is_called_where_one_is_required(engine: EngineProcess) -> None:
    for seed in range(2):
        body = ask("Hello!", tool_choice="required", temperature=1.0, seed=seed, max_tokens=600)
        answer = choice(engine, body)
        assert answer["finish_reason"] == "tool_calls"
        assert 1 <= len(answer["message"]["tool_calls"]) <= 8
        for call in answer["message"]["tool_calls"]:
            checked(call["function"]["name"], call["function"]["arguments"])


def stream(engine: EngineProcess, request: ChatRequest) -> list[AnswerEvent]:
    async def go() -> list[AnswerEvent]:
        client = EngineClient(str(engine.socket), timeout_s=PATIENCE_S)
        try:
            return [event async for event in client.chat(request)]
        finally:
            await client.close()

    return asyncio.run(go())


def test_a_streamed_call_is_the_whole_one_in_pieces(engine: EngineProcess) -> None:
    body = ask(tool_choice="required", temperature=0.0, parallel_tool_calls=False, seed=1)
    whole = choice(engine, body)["message"]["tool_calls"][0]["function"]
    request = ChatRequest(
        messages=[Message("user", "Do something.")],
        tools=[Tool(FunctionSpec(name, parameters=schema)) for name, schema in SCHEMAS.items()],
        tool_choice="required",
        parallel_tool_calls=False,
        temperature=0.0,
        seed=1,
        max_tokens=300,
    )
    started, *pieces, end = stream(engine, request)
    assert isinstance(started, CallStarted)
    assert started.name == whole["name"]
    arguments = [piece.text for piece in pieces if isinstance(piece, CallArguments)]
    assert len(arguments) == len(pieces)
    assert "".join(arguments) == whole["arguments"]
    assert isinstance(end, Finished)
    assert end.reason == "tool_calls"


def test_a_call_that_is_cut_off_says_so(engine: EngineProcess) -> None:
    wanted = {"type": "function", "function": {"name": "add_event"}}
    answer = choice(engine, ask(tool_choice=wanted, max_tokens=24))
    assert answer["finish_reason"] == "length"
    (call,) = answer["message"]["tool_calls"]
    assert call["function"]["name"] == "add_event"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(call["function"]["arguments"])


def test_text_is_as_without_a_grammar(engine: EngineProcess) -> None:
    request = ChatRequest(
        messages=[Message("user", "Say hello.")],
        tools=[Tool(FunctionSpec("now"))],
        temperature=0.0,
        max_tokens=40,
    )
    events = stream(engine, request)
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason in ("stop", "length")
    assert all(isinstance(event, Delta) for event in events[:-1])


def test_no_tool_is_called_where_none_may_be(engine: EngineProcess) -> None:
    plain = {"messages": ask()["messages"], "max_tokens": 20, "temperature": 0}
    answer = choice(engine, ask(tool_choice="none", max_tokens=20, temperature=0))
    assert answer == choice(engine, plain)


def test_stop_strings_do_not_end_calls(engine: EngineProcess) -> None:
    wanted = {"type": "function", "function": {"name": "set_lamp"}}
    body = ask(tool_choice=wanted, parallel_tool_calls=False, stop=["{", '"', ":"])
    answer = choice(engine, body)
    assert answer["finish_reason"] == "tool_calls"
    checked("set_lamp", answer["message"]["tool_calls"][0]["function"]["arguments"])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        ({"tools": tools("now", "now")}, "tools[1].function.name"),
        (
            {
                "tools": [
                    *tools("now"),
                    {
                        "type": "function",
                        "function": {
                            "name": "f",
                            "parameters": {"properties": {"a": {"type": "string", "pattern": "x"}}},
                        },
                    },
                ]
            },
            "tools[1].function.parameters: 'pattern'",
        ),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "function.name"),
        ({"tools": [{"type": "function"}]}, "function"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": "required", "tools": []}, "tool_choice: there are no tools"),
    ],
)
def test_what_is_refused(engine: EngineProcess, fields: dict[str, Any], error: str) -> None:
    status, body, _ = engine.post("/v1/chat/completions", ask(**fields))
    assert status == 400
    assert error in body["error"]["message"]


def test_a_conversation_with_calls_goes_on(engine: EngineProcess) -> None:
    call = {"id": "abcdefghi", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "12:00", "tool_call_id": "abcdefghi", "name": "now"},
    ]
    status, answer, _ = engine.post(
        "/v1/chat/completions", {**ask(max_tokens=20), "messages": messages}
    )
    assert status == 200, answer
