"""OpenAI's Responses API, with its own client, unmodified."""

from __future__ import annotations

import json
import secrets
from typing import Any

import openai
import pytest

from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.support.server import ALICE_KEY, Server

MODEL = "smollm2-135m-instruct"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
BOTH = Calls(
    ("get_weather", {"city": "Berlin"}),
    ("get_weather", {"city": "Rome"}),
    text="Let me look.",
    thoughts="Two cities.",
)


def client_of(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=ALICE_KEY, max_retries=0, timeout=60)


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return client_of(server.url)


@pytest.fixture
def scripted(equipped: Equipped) -> openai.OpenAI:
    return client_of(equipped.server.url)


def ask(client: openai.OpenAI, **fields: Any) -> Any:
    # The same question again would be answered from the cache.
    asked: dict[str, Any] = {
        "model": MODEL,
        "input": f"Berlin or Rome {secrets.randbelow(1 << 31)}?",
    }
    return client.responses.create(**asked | fields)


def test_a_text(client: openai.OpenAI) -> None:
    answer = ask(
        client,
        instructions="Answer briefly.",
        input="What is the capital of France?",
        max_output_tokens=20,
        metadata={"who": "me"},
    )
    assert answer.output_text
    assert answer.model == MODEL
    assert answer.metadata == {"who": "me"}
    assert answer.status in ("completed", "incomplete")
    assert answer.store is False
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_a_stream_adds_up_to_its_response(client: openai.OpenAI) -> None:
    question = "What is the capital of France?"
    events = list(ask(client, input=question, max_output_tokens=5, temperature=0, stream=True))
    whole = events[-1].response
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:4]] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 1
    assert "".join(deltas) == whole.output_text
    assert events[-1].type == "response.incomplete"
    assert whole.incomplete_details.reason == "max_output_tokens"
    assert whole.output[0].status == "incomplete"
    assert whole.usage.output_tokens == 5


def test_an_answer_follows_its_schema(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"people": {"type": "integer"}},
        "required": ["people"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "name": "city", "schema": schema, "strict": True}
    limits = {"max_output_tokens": 40, "temperature": 0}
    answer = ask(client, input="Paris", text={"format": form}, **limits)
    assert isinstance(json.loads(answer.output_text)["people"], int)
    assert answer.text.format.type == "json_schema"


def test_a_function_has_to_be_called(client: openai.OpenAI) -> None:
    choice = {"type": "function", "name": "get_weather"}
    asked = {"tools": [WEATHER], "parallel_tool_calls": False, "max_output_tokens": 80}
    asked["temperature"] = 0  # another text might not end in time, or at once
    question = {"role": "user", "content": "What is the weather in Berlin?"}
    answer = ask(client, input=[question], tool_choice=choice, **asked)
    (call,) = answer.output
    assert (call.type, call.name) == ("function_call", "get_weather")
    assert set(json.loads(call.arguments)) == {"city"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "15 degrees"}
    final = ask(client, input=[question, call, result], tool_choice="none", **asked)
    assert final.output_text


def test_calls_come_whole_and_go_back(equipped: Equipped, scripted: openai.OpenAI) -> None:
    equipped.model.script["other"] = [BOTH, "Both are sunny."]
    answer = ask(scripted, tools=[WEATHER], tool_choice="auto", reasoning={"effort": "low"})
    assert [item.type for item in answer.output] == ["reasoning", "message"] + 2 * ["function_call"]
    assert answer.output[0].content[0].text == "Two cities."
    assert answer.output_text == "Let me look."
    calls = answer.output[2:]
    assert [json.loads(call.arguments)["city"] for call in calls] == ["Berlin", "Rome"]
    results = [
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": [{"type": "input_text", "text": "sunny"}],
        }
        for call in calls
    ]
    question = {"type": "message", "role": "user", "content": "Both?"}
    final = ask(scripted, instructions="Be brief.", input=[question, *answer.output, *results])
    assert final.output_text == "Both are sunny."
    sent = equipped.model.requests["other"]
    assert sent[0]["reasoning_effort"] == "low"
    assert sent[0]["tools"][0]["function"]["name"] == "get_weather"
    messages = sent[1]["messages"]
    roles = ["system", "user", "assistant", "tool", "tool"]
    assert [message["role"] for message in messages] == roles
    assert messages[2]["content"] == "Let me look."
    assert [call["id"] for call in messages[2]["tool_calls"]] == [call.call_id for call in calls]
    assert messages[3]["content"] == "sunny"


def test_a_stream_of_calls(equipped: Equipped, scripted: openai.OpenAI) -> None:
    equipped.model.script["other"] = [BOTH]
    events = list(ask(scripted, tools=[WEATHER], stream=True))
    added = [event for event in events if event.type == "response.output_item.added"]
    assert [event.output_index for event in added] == [0, 1, 2, 3]
    arguments: dict[str, str] = {}
    for event in events:
        if event.type == "response.function_call_arguments.delta":
            arguments[event.item_id] = arguments.get(event.item_id, "") + event.delta
    assert list(arguments.values()) == ['{"city": "Berlin"}', '{"city": "Rome"}']
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert sorted(item.id for item in done) == sorted(event.item.id for event in added)
    assert events[-1].type == "response.completed"
    assert [item.id for item in events[-1].response.output] == [event.item.id for event in added]


def test_a_stream_that_breaks_off_says_so(equipped: Equipped, scripted: openai.OpenAI) -> None:
    broken = Calls(("get_weather", "x"))
    broken.stream = lambda: b'data: {"choices": [{"delta": {"content": "Well"}}]}\n\ndata: {x\n\n'  # type: ignore[method-assign]
    equipped.model.script["other"] = [broken]
    events = list(ask(scripted, stream=True))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.failed"
    assert events[-1].response.error.message
    assert events[-1].response.output[0].content[0].text == "Well"


USER = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"type": "reasoning", "id": "rs_1", "summary": []}]}, "input"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].type"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "text": ""}]}]},
            "input[0].content[0].type",
        ),
        (
            {"input": [USER, {"type": "function_call_output", "call_id": "c", "output": "x"}]},
            "input[1].call_id",
        ),
        (
            {
                "instructions": "Be brief.",
                "input": [
                    USER,
                    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "[1]"},
                ],
            },
            "input[1].arguments",
        ),
        ({"input": "word " * 20_000}, "input"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{**WEATHER, "parameters": {"type": "string"}}]}, "tools[0].parameters"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice.type"),
        (
            {"text": {"format": {"type": "json_schema", "name": "x", "schema": {"not": {}}}}},
            "text.format",
        ),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"store": True}, "store"),
        ({"background": True}, "background"),
        ({"truncation": "auto"}, "truncation"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"model": "no-such-model"}, "model"),
    ],
)
def test_what_cannot_be_done_is_named(
    client: openai.OpenAI, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        ask(client, **{"input": "Hello", "max_output_tokens": 2} | change)
    assert isinstance(caught.value.body, dict)
    assert str(caught.value.body["message"]).startswith(f"{field}: ")
    told = {error["field"] for error in caught.value.body["details"]["fields"]}
    assert field in told


def test_what_says_nothing_is_taken(client: openai.OpenAI) -> None:
    answer = ask(
        client,
        input="Hello",
        max_output_tokens=2,
        store=False,
        previous_response_id=None,
        background=False,
        truncation="disabled",
        include=["reasoning.encrypted_content"],
        top_logprobs=0,
        user="somebody",
    )
    assert answer.previous_response_id is None
