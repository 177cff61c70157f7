"""Tools with OpenAI's own client, in front of a server that is not ours and follows a script."""

from __future__ import annotations

import secrets
from typing import Any, cast

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.support.server import ALICE_KEY

MODEL = "smollm2-135m-instruct"
QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Berlin and Rome?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "pattern": "^[A-Z]", "description": "Name"}},
            "required": ["city"],
        },
    },
}
TOOLS = cast(list[ChatCompletionToolParam], [TOOL])
BOTH = Calls(
    ("get_weather", {"city": "Berlin"}),
    ("get_weather", {"city": "Rome"}),
    text="Let me look.",
    thoughts="Two cities.",
)


@pytest.fixture
def client(equipped: Equipped) -> openai.OpenAI:
    url = f"{equipped.server.url}/v1"
    return openai.OpenAI(base_url=url, api_key=ALICE_KEY, max_retries=0, timeout=60)


def ask(client: openai.OpenAI, **fields: Any) -> Any:
    # The same question again would be answered from the cache.
    seed = secrets.randbelow(1 << 31)
    asked: dict[str, Any] = {
        "messages": QUESTION,
        "tools": TOOLS,
        "model": MODEL,
        "seed": seed,
    } | fields
    return client.chat.completions.create(**asked)


def test_parallel_calls_come_whole(equipped: Equipped, client: openai.OpenAI) -> None:
    equipped.model.script["other"] = [BOTH]
    (choice,) = ask(client).choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "Let me look."
    assert choice.message.reasoning_content == "Two cities."
    calls = choice.message.tool_calls
    assert [(c.function.name, c.function.arguments) for c in calls] == [
        ("get_weather", '{"city": "Berlin"}'),
        ("get_weather", '{"city": "Rome"}'),
    ]
    assert len({call.id for call in calls}) == 2


def test_a_stream_numbers_the_calls(equipped: Equipped, client: openai.OpenAI) -> None:
    equipped.model.script["other"] = [BOTH]
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    begun = [call for delta in deltas for call in delta.tool_calls or () if call.id]
    assert [(call.index, call.type, call.function.name) for call in begun] == [
        (0, "function", "get_weather"),
        (1, "function", "get_weather"),
    ]
    arguments = {0: "", 1: ""}
    for delta in deltas:
        for call in delta.tool_calls or ():
            arguments[call.index] += call.function.arguments or ""
    assert arguments == {0: '{"city": "Berlin"}', 1: '{"city": "Rome"}'}
    assert "".join(delta.content or "" for delta in deltas) == "Let me look."
    thoughts = [getattr(delta, "reasoning_content", None) or "" for delta in deltas]
    assert "".join(thoughts) == "Two cities."
    assert chunks[-2].choices[0].finish_reason == "tool_calls"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize(
    "choice",
    ["none", "auto", "required", {"type": "function", "function": {"name": "get_weather"}}],
)
def test_what_is_asked_for_is_passed_on(
    equipped: Equipped, client: openai.OpenAI, choice: Any
) -> None:
    equipped.model.script["other"] = ["Sunny"]
    answer = ask(client, tool_choice=choice, parallel_tool_calls=False, reasoning_effort="low")
    assert answer.choices[0].message.content == "Sunny"
    (request,) = equipped.model.requests["other"]
    assert request["tools"] == [TOOL]
    assert request["tool_choice"] == choice
    assert request["parallel_tool_calls"] is False
    assert request["reasoning_effort"] == "low"
    assert "public_tools" not in request
    assert [message["role"] for message in request["messages"]] == ["user"]


def test_calls_and_results_go_back_in_their_own_form(
    equipped: Equipped, client: openai.OpenAI
) -> None:
    equipped.model.script["other"] = [BOTH, "Both are sunny."]
    answer = ask(client)
    message = answer.choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in message.tool_calls
    ]
    final = ask(client, messages=[*QUESTION, message, *results])
    assert final.choices[0].message.content == "Both are sunny."
    assert final.choices[0].finish_reason == "stop"
    sent = equipped.model.requests["other"][1]["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == [r["tool_call_id"] for r in sent[2:]]


def test_without_tools_there_are_none(equipped: Equipped, client: openai.OpenAI) -> None:
    equipped.model.script["other"] = ["Hello"]
    ask(client, tools=openai.NOT_GIVEN)
    (request,) = equipped.model.requests["other"]
    assert not {"tools", "tool_choice", "parallel_tool_calls", "reasoning_effort"} & request.keys()
