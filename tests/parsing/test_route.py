"""`POST /v1/commands/parse` through the running program."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import requests

from pisovereign.parsing.confidence import BY_RULE
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until


def parse(server: Server, text: Any, *, key: str = ALICE_KEY, **body: Any) -> requests.Response:
    return server.request("POST", "/v1/commands/parse", key=key, json={"input": text, **body})


def read(server: Server, text: str, *, key: str = ALICE_KEY) -> dict[str, Any]:
    response = parse(server, text, key=key)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    always = {"parsed", "command", "confidence", "requires_approval"}
    assert always <= answer.keys() <= always | {"missing", "unsupported"}
    return answer


def test_an_event_has_a_title_and_times(server: Server) -> None:
    answer = read(server, "create meeting tomorrow at 3pm")
    command = answer["command"]
    assert command.keys() == {"type", "title", "start", "end"}
    assert (command["type"], command["title"]) == ("CreateCalendarEvent", "meeting")
    assert command["start"].endswith("Z")
    start, end = (dt.datetime.fromisoformat(command[name]) for name in ("start", "end"))
    assert end - start == dt.timedelta(hours=1)
    assert dt.timedelta() < start - dt.datetime.now(dt.UTC) < dt.timedelta(days=2)
    assert answer["parsed"] is True
    assert answer["requires_approval"] is False  # no calendar is connected
    assert 0.8 < answer["confidence"] <= 1


def test_conversation_is_no_command(server: Server) -> None:
    answer = read(server, "I had a long day, tell me a story about a dragon")
    assert answer["confidence"] < 0.2
    assert {k: v for k, v in answer.items() if k != "confidence"} == {
        "parsed": False,
        "command": None,
        "requires_approval": False,
    }


@pytest.mark.parametrize("text", ["show disk space", "wie viel Speicherplatz ist frei"])
def test_system_commands_come_from_the_catalog(server: Server, text: str) -> None:
    answer = read(server, text)
    assert answer["command"] == {
        "type": "RunCatalogCommand",
        "catalog_id": "default-disk-free",
        "arguments": {},
    }
    assert answer["requires_approval"] is False


def test_a_dangerous_one_needs_an_approval(server: Server) -> None:
    answer = read(server, "please reboot the raspberry pi")
    assert answer["command"]["catalog_id"] == "default-reboot"
    assert answer["requires_approval"] is True


def test_a_command_of_ones_own_is_found_by_its_name_and_by_nobody_else(server: Server) -> None:
    new = {"name": "Blue Moon", "command": "cat /proc/loadavg"}
    made = server.request("POST", "/v1/commands/catalog", json=new).json()
    try:
        answer = read(server, "run blue moon")
        assert answer["command"]["catalog_id"] == made["id"]
        assert answer["requires_approval"] is made["requires_approval"]
        assert read(server, "run blue moon", key=BOB_KEY)["parsed"] is False
    finally:
        server.request("DELETE", f"/v1/commands/catalog/{made['id']}")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\0b", 1, None])
def test_input_is_checked(server: Server, text: Any) -> None:
    response = parse(server, text)
    assert response.status_code == 422
    assert [f["field"] for f in response.json()["error"]["details"]["fields"]] == ["input"]


def test_longest_input_is_answered(server: Server) -> None:
    assert read(server, "remind " * 285)["parsed"] is False


def test_free_words_are_understood_once_the_examples_are_ready(server: Server) -> None:
    """Only the first questions wait for that; nobody waits for an answer."""

    def understood() -> bool:
        return bool(read(server, "are we running out of disk space?")["parsed"])

    wait_until(understood, 60, "the examples' vectors")
    answer = read(server, "are we running out of disk space?")
    assert answer["command"]["catalog_id"] == "default-disk-free"
    assert 0.5 < answer["confidence"] < BY_RULE
    assert read(server, "who is the best football player?")["parsed"] is False


@pytest.mark.parametrize("text", ["Tell me a joke about a llama", "I created a meeting at 3pm"])
def test_the_model_turns_talk_into_nothing_that_acts(server: Server, text: str) -> None:
    response = parse(server, text, allow_model=True)
    assert response.status_code == 200
    command = response.json()["command"] or {"type": ""}
    assert command["type"] not in ("CreateCalendarEvent", "CreateReminder")


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_allow_model_is_a_boolean(server: Server, value: Any) -> None:
    response = server.request(
        "POST", "/v1/commands/parse", json={"input": "weather", "allow_model": value}
    )
    assert response.status_code == 422
    assert response.json()["error"]["details"]["fields"][0]["field"] == "allow_model"
