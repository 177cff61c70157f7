"""What people say to their house in English and German, and the states of a real one afterwards."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.home_assistant import HomeAssistant
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until

SAID: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8")
)["said"]


@pytest.mark.parametrize("case", SAID, ids=lambda case: case["text"])
def test_a_sentence_does_what_it_says(
    case: dict[str, Any], home_assistant: HomeAssistant, at_home: Server
) -> None:
    if case.get("model"):
        pytest.skip("nothing but a language model could read it")
    for entity, state in case.get("before", {}).items():
        _set(home_assistant, entity, state)
    states = _states(home_assistant)

    answer = at_home.chat(case["text"], conversation_id=str(uuid4())).json()

    text = answer["content"]
    waiting = _pending(at_home)
    for identifier in waiting:
        at_home.request("POST", f"/v1/approvals/{identifier}/cancel", json={})
    if "asks" in case:
        assert [title for title in waiting.values() if case["asks"] in title], (text, waiting)
        assert _states(home_assistant) == states
    else:
        assert not waiting, text
    assert case.get("says", "") in text
    for what, expected in case.get("after", {}).items():
        wait_until(
            lambda what=what, expected=expected: _value(home_assistant, what) == expected,
            PATIENCE_S,
            f"{what} is {expected} after {text!r}",
        )


def _set(home: HomeAssistant, entity: str, state: str) -> None:
    """Set a state, and wait until the house tells it."""
    home.call(f"{entity.split('.', maxsplit=1)[0]}.turn_{state}", entity)


def _value(home: HomeAssistant, what: str) -> str:
    entity = ".".join(what.split(".")[:2])
    if entity == what:
        return home.state(entity)
    return str(home.attributes(entity).get(what.rpartition(".")[2]))


def _states(home: HomeAssistant) -> dict[str, str]:
    """The states of everything that a request could change."""
    kinds = ("light", "cover", "lock", "climate", "switch", "alarm_control_panel", "input_boolean")
    return {
        state["entity_id"]: state["state"]
        for state in home.request("GET", "/api/states")
        if state["entity_id"].split(".")[0] in kinds
    }


def _pending(server: Server) -> dict[str, str]:
    found = server.request("GET", "/v1/approvals", params={"status": "pending"}).json()
    return {approval["id"]: approval["title"] for approval in found}
