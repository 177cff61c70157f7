"""Tools with Ollama's own client, and a model that follows a script."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import ollama
import pytest

from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.support.server import ALICE_KEY

MODEL = "smollm2-135m-instruct"
TOOL = {
    "type": "function",
    "function": {
        "name": "HassTurnOn",
        "description": "Turns on a device",
        "parameters": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "area": {"type": "string"}},
        },
    },
}
BOTH = Calls(
    ("HassTurnOn", {"name": "lamp", "area": "kitchen"}),
    ("HassTurnOn", {"name": "fan"}),
    text="Let me see.",
    thoughts="Two things.",
)


def client_of(equipped: Equipped) -> ollama.Client:
    return ollama.Client(
        host=equipped.server.url, headers={"Authorization": f"Bearer {ALICE_KEY}"}, timeout=60
    )


def asked(messages: Any = None, **fields: Any) -> dict[str, Any]:
    # The same question again would be answered from the cache.
    options = {"seed": secrets.randbelow(1 << 31)}
    question = [{"role": "user", "content": "Lamp and fan, please"}]
    return {
        "model": MODEL,
        "messages": messages or question,
        "tools": [TOOL],
        "options": options,
        **fields,
    }


def called(message: ollama.Message) -> list[tuple[str, Mapping[str, Any]]]:
    return [(call.function.name, call.function.arguments) for call in message.tool_calls or ()]


EXPECTED = [
    ("HassTurnOn", {"name": "lamp", "area": "kitchen"}),
    ("HassTurnOn", {"name": "fan"}),
]


def test_calls_have_objects(equipped: Equipped) -> None:
    equipped.model.script["other"] = [BOTH]
    answer = client_of(equipped).chat(**asked(think=True))
    assert called(answer.message) == EXPECTED
    assert answer.message.content == "Let me see."
    assert answer.message.thinking == "Two things."
    assert answer.done_reason == "stop"
    (request,) = equipped.model.requests["other"]
    assert request["reasoning_effort"] == "medium"
    assert request["tools"][0]["function"]["name"] == "HassTurnOn"
    assert "public_tools" not in request


def test_each_call_is_a_line(equipped: Equipped) -> None:
    equipped.model.script["other"] = [BOTH]
    lines = list(client_of(equipped).chat(**asked(stream=True)))
    calls = [found for line in lines if (found := called(line.message))]
    assert calls == [[EXPECTED[0]], [EXPECTED[1]]]
    assert "".join(line.message.thinking or "" for line in lines) == "Two things."
    assert "".join(line.message.content or "" for line in lines) == "Let me see."
    assert lines[-1].done_reason == "stop"
    assert not called(lines[-1].message)


def test_ten_rounds_as_home_assistant_sends_them(equipped: Equipped) -> None:
    """It sends no ids, and results have neither the name nor the id of what they answer to."""
    turn_on = Calls(("HassTurnOn", {"name": "lamp"}), ("HassTurnOn", {"name": "fan"}))
    equipped.model.script["other"] = [*[turn_on] * 9, "Done."]

    async def converse() -> str:
        client = ollama.AsyncClient(host=f"{equipped.server.url}/ollama/{ALICE_KEY}", timeout=60)
        messages: list[ollama.Message] = [
            ollama.Message(role="system", content="You are a voice assistant."),
            ollama.Message(role="user", content="Lamp and fan, please"),
        ]
        for _ in range(10):
            fields = asked(messages, keep_alive="-1s", think=False, stream=True)
            text, calls = "", list[ollama.Message.ToolCall]()
            async for line in await client.chat(**fields):
                text += line.message.content or ""
                calls += line.message.tool_calls or []
            if not calls:
                return text
            # Its client knows the function alone, no id.
            messages.append(ollama.Message(role="assistant", content=text, tool_calls=calls))
            messages += [ollama.Message(role="tool", content=str(n)) for n in range(len(calls))]
        raise AssertionError("it calls on")

    assert asyncio.run(converse()) == "Done."
    sent = equipped.model.requests["other"]
    assert len(sent) == 10
    for before, after in pairwise(sent):
        # What was sent is sent again, so what was computed for it is of use.
        assert after["messages"][: len(before["messages"])] == before["messages"]
        assert after["tools"] == before["tools"]
    last = sent[-1]["messages"]
    calls = [call["id"] for message in last for call in message.get("tool_calls", ())]
    results = [message["tool_call_id"] for message in last if message["role"] == "tool"]
    assert calls == results
    assert len(set(calls)) == 18
    assert [m["content"] for m in last if m["role"] == "tool"] == ["0", "1"] * 9


def test_results_find_their_calls(equipped: Equipped) -> None:
    """By id or by name; one whose call was cut off with the history is left out."""
    call = {"function": {"name": "a", "arguments": {}}}
    other = {"id": "call_9", "function": {"name": "b", "arguments": {"x": 1}}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "tool", "content": "of a call that is not here"},
        {"role": "user", "content": "Both"},
        {"role": "assistant", "content": "", "tool_calls": [call, other]},
        {"role": "tool", "content": "of b", "tool_call_id": "call_9"},
        {"role": "tool", "content": "of a", "tool_name": "a"},
        {"role": "tool", "content": "of nothing", "tool_name": "c"},
        {"role": "user", "content": "And?"},
    ]
    equipped.model.script["other"] = ["Well."]
    body = {"model": MODEL, "messages": messages, "stream": False, "options": {"seed": 7}}
    response = equipped.server.request("POST", "/api/chat", json=body)
    assert response.json()["message"] == {"role": "assistant", "content": "Well."}
    (request,) = equipped.model.requests["other"]
    roles = [message["role"] for message in request["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]
    first, second = request["messages"][2]["tool_calls"]
    assert second["id"] == "call_9"
    results = {m["tool_call_id"]: m["content"] for m in request["messages"] if m["role"] == "tool"}
    assert results == {"call_9": "of b", first["id"]: "of a"}


@pytest.mark.parametrize("stream", [True, False])
def test_arguments_that_are_no_object(equipped: Equipped, stream: bool) -> None:
    equipped.model.script["other"] = [Calls(("HassTurnOn", "[1]"), text="Well")]
    client = client_of(equipped)
    with pytest.raises(ollama.ResponseError) as caught:
        list(client.chat(**asked(stream=stream)))
    assert isinstance(caught.value.error, str)
    assert "arguments" in caught.value.error


def test_a_schema_goes_along_with_tools(equipped: Equipped) -> None:
    schema = {"type": "object", "properties": {"done": {"type": "boolean"}}}
    equipped.model.script["other"] = ['{"done": true}']
    answer = client_of(equipped).chat(**asked(format=schema))
    assert answer.message.content == '{"done": true}'
    (request,) = equipped.model.requests["other"]
    assert request["response_format"]["json_schema"]["schema"] == schema
