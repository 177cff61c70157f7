"""OpenAI's SDK for agents, unmodified, with our base URL and key: it speaks the Responses API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from agents import (
    Agent,
    ModelSettings,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    WebSearchTool,
    function_tool,
)

from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.support.server import ALICE_KEY

# Traces of runs would be sent to OpenAI.
QUIETLY = RunConfig(tracing_disabled=True)


def run(equipped: Equipped, go: Callable[[OpenAIResponsesModel], Awaitable[Any]]) -> Any:
    """Return what comes of a run, in an event loop of its own."""

    async def in_loop() -> Any:
        url = f"{equipped.server.url}/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key=ALICE_KEY, max_retries=0) as client:
            return await go(OpenAIResponsesModel("gpt-4o", client))

    return asyncio.run(in_loop())


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}"


def test_a_function_is_called_and_its_result_answered(equipped: Equipped) -> None:
    equipped.model.script["other"] = [Calls(("get_weather", {"city": "Rome"})), "It is sunny."]

    async def go(model: OpenAIResponsesModel) -> Any:
        agent = Agent(name="A", instructions="Be brief.", model=model, tools=[get_weather])
        return await Runner.run(agent, "The weather in Rome?", run_config=QUIETLY)

    assert run(equipped, go).final_output == "It is sunny."
    first, second = equipped.model.requests["other"]
    assert first["tools"][0]["function"]["name"] == "get_weather"
    assert [message["role"] for message in second["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
    ]
    assert second["messages"][-1]["content"] == "Sunny in Rome"


def test_a_stream_hands_over_to_another_agent(equipped: Equipped) -> None:
    equipped.model.script["other"] = [Calls(("transfer_to_billing", {})), "You owe nothing."]

    async def go(model: OpenAIResponsesModel) -> Any:
        billing = Agent(name="Billing", instructions="Look at bills.", model=model)
        desk = Agent(name="Desk", model=model, handoffs=[billing])
        result = Runner.run_streamed(desk, "My bill?", run_config=QUIETLY)
        deltas = [
            event.data.delta
            async for event in result.stream_events()
            if event.type == "raw_response_event"
            and event.data.type == "response.output_text.delta"
        ]
        return result.last_agent.name, result.final_output, "".join(deltas)

    assert run(equipped, go) == ("Billing", "You owe nothing.", "You owe nothing.")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tools": [WebSearchTool()]}, "tools[0].type: must be function"),
        ({"model_settings": ModelSettings(store=True)}, "store: must be false"),
        ({"model_settings": ModelSettings(truncation="auto")}, "truncation: must be disabled"),
    ],
)
def test_what_is_not_there_is_told(equipped: Equipped, options: dict[str, Any], told: str) -> None:
    async def go(model: OpenAIResponsesModel) -> Any:
        return await Runner.run(Agent(name="A", model=model, **options), "Hi", run_config=QUIETLY)

    with pytest.raises(openai.UnprocessableEntityError) as caught:
        run(equipped, go)
    assert told in str(caught.value)
