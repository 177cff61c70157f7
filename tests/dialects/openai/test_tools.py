"""Tools with OpenAI's own client, unmodified, and the real model."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import openai
import pytest
from openai.types.chat import ChatCompletionMessageFunctionToolCall as Call
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.support.server import ALICE_KEY, Server

MODEL = "smollm2-135m-instruct"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 20, "pattern": "^[A-Z]"},
                "unit": {"$ref": "#/$defs/Unit"},
                "days": {"type": "integer", "minimum": 1, "description": "How many days"},
            },
            "required": ["city", "unit"],
            "additionalProperties": False,
            "$defs": {"Unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        },
    },
}
CLOCK = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "The time somewhere",
        "parameters": {
            "type": "object",
            "properties": {"zone": {"type": "string", "enum": ["Europe/Berlin", "UTC"]}},
            "required": ["zone"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
TOOLS = cast(list[ChatCompletionToolParam], [WEATHER, CLOCK])
QUESTION: list[ChatCompletionMessageParam] = [
    {"role": "user", "content": "What is the weather in Berlin, in celsius?"}
]
NAMED = {"type": "function", "function": {"name": "get_weather"}}


def client_of(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=ALICE_KEY, max_retries=0, timeout=60)


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return client_of(server.url)


def ask(client: openai.OpenAI, choice: Any, **fields: Any) -> Any:
    return client.chat.completions.create(
        model=MODEL,
        messages=fields.pop("messages", QUESTION),
        tools=TOOLS,
        tool_choice=choice,
        parallel_tool_calls=fields.pop("parallel_tool_calls", False),
        max_tokens=120,
        temperature=0,
        **fields,
    )


def only_call(answer: Any) -> Call:
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (call,) = choice.message.tool_calls
    assert call.type == "function"
    return cast(Call, call)


def test_the_named_function_is_called_with_its_arguments(client: openai.OpenAI) -> None:
    call = only_call(ask(client, NAMED))
    assert call.function.name == "get_weather"
    arguments = json.loads(call.function.arguments)
    assert {"city", "unit"} <= arguments.keys() <= {"city", "unit", "days"}
    assert arguments["unit"] in ("celsius", "fahrenheit")
    assert len(arguments["city"]) <= 20


def test_required_calls_one_of_them(client: openai.OpenAI) -> None:
    call = only_call(ask(client, "required"))
    assert call.function.name in ("get_weather", "get_time")
    json.loads(call.function.arguments)


def test_every_one_of_several_calls_has_an_id_and_arguments(client: openai.OpenAI) -> None:
    (choice,) = ask(client, "required", parallel_tool_calls=True).choices
    whole = choice.message.tool_calls[: -1 if choice.finish_reason == "length" else None]
    assert whole
    assert len({call.id for call in whole}) == len(whole)
    for call in whole:
        assert json.loads(call.function.arguments).keys() & {"city", "zone"}


def test_a_model_that_may_choose_answers_or_calls(client: openai.OpenAI) -> None:
    (choice,) = ask(client, "auto").choices
    if choice.message.tool_calls:
        only_call(SimpleNamespace(choices=[choice]))
    else:
        assert choice.message.content
        assert choice.finish_reason in ("stop", "length")


def test_a_stream_adds_up_to_the_same_call(client: openai.OpenAI) -> None:
    whole = only_call(ask(client, NAMED))
    chunks = list(ask(client, NAMED, stream=True, stream_options={"include_usage": True}))
    deltas = [
        call
        for chunk in chunks
        for choice in chunk.choices
        for call in choice.delta.tool_calls or ()
    ]
    assert deltas[0].id
    assert (deltas[0].type, deltas[0].function.name) == ("function", "get_weather")
    assert all(delta.id is None and delta.function.name is None for delta in deltas[1:])
    assert "".join(d.function.arguments or "" for d in deltas) == whole.function.arguments
    assert chunks[-2].choices[0].finish_reason == "tool_calls"
    assert chunks[-1].usage.completion_tokens > 0


def test_the_result_goes_back_and_is_answered(client: openai.OpenAI) -> None:
    """The whole loop: question, call, result, answer in words."""
    answer = ask(client, NAMED)
    call = only_call(answer)
    messages = [
        *QUESTION,
        answer.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": '{"temperature": 15}'},
    ]
    final = ask(client, "none", messages=messages)
    assert final.choices[0].message.content
    assert final.choices[0].message.tool_calls is None
    assert final.usage.prompt_tokens > answer.usage.completion_tokens


def test_none_is_an_answer_in_words(client: openai.OpenAI) -> None:
    message = ask(client, "none").choices[0].message
    assert message.content
    assert not message.tool_calls


def test_a_call_that_is_cut_says_so(client: openai.OpenAI) -> None:
    cut = client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        tools=TOOLS,
        tool_choice=cast(Any, NAMED),
        parallel_tool_calls=False,
        max_tokens=3,
        temperature=0,
    )
    assert cut.choices[0].finish_reason == "length"
