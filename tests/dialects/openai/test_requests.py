"""Requests that OpenAI's client would not send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import Server

MESSAGE = {"role": "user", "content": "Hello"}


def function(parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    made = {"name": "weather", "parameters": parameters, **fields}
    return {"type": "function", "function": made}


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def called(arguments: str = "{}", **message: Any) -> dict[str, Any]:
    """An answer that calls a function, and says nothing."""
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call], **message}


def result(call: str = "c1") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": "15"}


CALLS = {"tool_calls": called()["tool_calls"]}
PARAMETERS = "tools[0].function.parameters"
WEATHER = function({"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"temperature": 3}, "temperature"),
        ({"n": 2}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"response_format": {"type": "picture"}}, "response_format"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [WEATHER], "tool_choice": named("calendar")}, "tool_choice"),
        ({"tools": [WEATHER, WEATHER]}, "tools"),
        ({"tools": [function({"type": "string"})]}, PARAMETERS),
        ({"tools": [function({"properties": {"x": {"$ref": "#/nowhere"}}})]}, PARAMETERS),
        ({"tools": [function({"properties": {"x": {"pattern": "1"}}}, strict=True)]}, PARAMETERS),
        ({"reasoning_effort": "very high"}, "reasoning_effort"),
        ({"messages": [{"role": "tool", "content": "15"}]}, "messages[0].tool_call_id"),
        ({"messages": [called(), result("other")]}, "messages[1].tool_call_id"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[0].content[0].type",
        ),
        ({"tools": [{"type": "retrieval"}]}, "tools[0].type"),
        ({"messages": [{"role": "assistant", "content": None}]}, "messages[0].content"),
        (
            {"messages": [called("[1]"), result()]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"messages": [called('{"a": ' + "[" * 5_000 + "]" * 5_000 + "}"), result()]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"messages": [{**MESSAGE, **CALLS}]}, "messages[0].tool_calls"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"not": {}}}}},
            "response_format",
        ),
    ],
)
def test_what_breaks_a_rule_is_named(server: Server, change: dict[str, Any], field: str) -> None:
    body = {"messages": [MESSAGE], **change}
    response = server.request("POST", "/v1/chat/completions", json=body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["error"]["details"]["fields"]] == [field]


def test_unknown_fields_are_ignored(server: Server) -> None:
    body = {
        "messages": [{**MESSAGE, "name": "alice"}],
        "max_tokens": 2,
        "logit_bias": {},
        "stream_options": {"include_obfuscation": False},
    }
    assert server.request("POST", "/v1/chat/completions", json=body).status_code == 200


def test_every_wrong_message_is_named(server: Server) -> None:
    body = {"messages": [result(), called("x"), MESSAGE]}
    response = server.request("POST", "/v1/chat/completions", json=body)
    assert [error["field"] for error in response.json()["error"]["details"]["fields"]] == [
        "messages[0].tool_call_id",
        "messages[1].tool_calls[0].function.arguments",
    ]


@pytest.mark.parametrize("body", [{"input": []}, {"input": ""}, {"input": [1, 2]}, {}])
def test_embeddings_of_nothing(server: Server, body: dict[str, Any]) -> None:
    response = server.request("POST", "/v1/embeddings", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["fields"][0]["field"] == "input"
