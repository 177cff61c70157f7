"""Home Assistant's own Ollama integration, unmodified, with our address."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.support.equipped import Equipped
from tests.support.home_assistant import HomeAssistant
from tests.support.scripted_model import Calls
from tests.support.server import ADMIN_KEY, ALICE_KEY, wait_until

MODEL = "smollm2-135m-instruct:latest"
ASSIST = {"llm_hass_api": ["assist"]}


@pytest.fixture(scope="module")
def agents() -> dict[str, str]:
    """The agents that were set up already, by what they are for."""
    return {}


@pytest.fixture
def agent(home_assistant: HomeAssistant, equipped: Equipped, agents: dict[str, str]) -> str:
    """A conversation agent that may switch things."""
    if "house" not in agents:
        entry = set_up(home_assistant, equipped, ALICE_KEY)
        answers = {"name": "House", "model": MODEL, "num_ctx": 8192, "think": False, **ASSIST}
        home_assistant.add_part(entry, "conversation", answers)
        agents["house"] = available(home_assistant, "conversation.house")
    return agents["house"]


def set_up(home_assistant: HomeAssistant, equipped: Equipped, key: str) -> str:
    url = f"{equipped.server.url}/ollama/{key}"
    step = home_assistant.set_up("ollama", {"url": url})
    entry: str = step["result"]["entry_id"]
    return entry


def available(home_assistant: HomeAssistant, entity: str) -> str:
    """The entity, once it is there: what is added to an integration begins with its reload."""

    def exists() -> bool:
        states = home_assistant.request("GET", "/api/states")
        return any(s["entity_id"] == entity and s["state"] != "unavailable" for s in states)

    wait_until(exists, 60, entity)
    return entity


def speech(answer: dict[str, Any]) -> str:
    said: str = answer["response"]["speech"]["plain"]["speech"]
    return said


def test_a_lamp_is_switched(home_assistant: HomeAssistant, equipped: Equipped, agent: str) -> None:
    home_assistant.call("light.turn_off", "light.desk_lamp")
    call = Calls(("HassTurnOn", {"name": "Desk lamp", "domain": ["light"]}))
    equipped.model.script["other"] = [call, "The desk lamp is on."]
    answer = home_assistant.converse("Desk lamp on, please", agent)
    assert speech(answer) == "The desk lamp is on."
    assert home_assistant.state("light.desk_lamp") == "on"
    asked, then = equipped.model.requests["other"]
    assert asked["messages"][1]["content"] == "Desk lamp on, please"
    assert "HassTurnOn" in {tool["function"]["name"] for tool in asked["tools"]}
    assert [message["role"] for message in then["messages"][2:]] == ["assistant", "tool"]
    assert then["messages"][: len(asked["messages"])] == asked["messages"]
    assert then["tools"] == asked["tools"]


def test_a_conversation_goes_on_with_the_same_prompt(
    home_assistant: HomeAssistant, equipped: Equipped, agent: str
) -> None:
    live = Calls(("GetLiveContext", {}))
    off = Calls(("HassTurnOff", {"name": "Desk lamp"}))
    equipped.model.script["other"] = [live, "It is on.", off, "Now it is off."]
    first = home_assistant.converse("Is the desk lamp on?", agent)
    conversation = first["conversation_id"]
    second = home_assistant.converse("Off with it", agent, conversation=conversation)
    assert (speech(first), speech(second)) == ("It is on.", "Now it is off.")
    assert home_assistant.state("light.desk_lamp") == "off"
    sent = equipped.model.requests["other"]
    for before, after in pairwise(sent):
        assert after["messages"][: len(before["messages"])] == before["messages"]
        assert after["tools"] == before["tools"]


def test_what_is_not_there_is_asked_for(
    home_assistant: HomeAssistant, equipped: Equipped, agent: str
) -> None:
    """A name without its tag is in no list of Home Assistant's, so it wants it to be fetched."""
    entry = set_up(home_assistant, equipped, ADMIN_KEY)
    answers = {"name": "Fetched", "model": MODEL.removesuffix(":latest")}
    home_assistant.add_part(entry, "conversation", answers)
    fetched = available(home_assistant, "conversation.fetched")
    equipped.model.script["other"] = ["Hello."]
    assert speech(home_assistant.converse("Good morning", fetched)) == "Hello."


def test_data_has_the_form_that_is_asked_for(
    home_assistant: HomeAssistant, equipped: Equipped, agent: str
) -> None:
    entry = set_up_again(home_assistant)
    answers = {"name": "Tasks", "model": MODEL}
    home_assistant.add_part(entry, "ai_task_data", answers)
    available(home_assistant, "ai_task.tasks")
    equipped.model.script["other"] = ['{"count": 3}']
    body = {
        "task_name": "count",
        "entity_id": "ai_task.tasks",
        "instructions": "How many lamps?",
        "structure": {"count": {"selector": {"number": {}}, "required": True}},
    }
    path = "/api/services/ai_task/generate_data?return_response"
    answer = home_assistant.request("POST", path, json=body)
    assert answer["service_response"]["data"] == {"count": 3}
    (request,) = equipped.model.requests["other"]
    assert request["response_format"]["type"] == "json_schema"


def set_up_again(home_assistant: HomeAssistant) -> str:
    """The entry that is there already."""
    entries = home_assistant.request("GET", "/api/config/config_entries/entry?domain=ollama")
    entry: str = entries[0]["entry_id"]
    return entry
