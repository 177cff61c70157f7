"""The house that the other tests speak to is there, and answers."""

from __future__ import annotations

from tests.support.demo_house import EXPOSED, HIDDEN, ROOMS
from tests.support.home_assistant import HomeAssistant


def test_everything_is_there_and_exposed(home_assistant: HomeAssistant) -> None:
    (listed,) = home_assistant.commands({"type": "homeassistant/expose_entity/list"})
    exposed = listed["exposed_entities"]

    states = {state["entity_id"] for state in home_assistant.request("GET", "/api/states")}
    assert states.issuperset(EXPOSED + HIDDEN)
    assert all(exposed[entity]["conversation"] for entity in EXPOSED)
    assert not any(exposed.get(entity, {}).get("conversation") for entity in HIDDEN)
    (areas,) = home_assistant.commands({"type": "config/area_registry/list"})
    assert {area["name"] for area in areas}.issuperset(room.name for room in ROOMS)


def test_a_light_is_switched_by_a_service(home_assistant: HomeAssistant) -> None:
    home_assistant.call("light.turn_on", "light.desk_lamp")
    assert home_assistant.state("light.desk_lamp") == "on"
    home_assistant.call("light.turn_off", "light.desk_lamp")
    assert home_assistant.state("light.desk_lamp") == "off"


def test_its_own_agent_answers(home_assistant: HomeAssistant) -> None:
    home_assistant.call("light.turn_on", "light.bed_light")

    said = home_assistant.converse("turn off the bed light", "conversation.home_assistant")

    assert said["response"]["response_type"] == "action_done"
    assert home_assistant.state("light.bed_light") == "off"
