"""`POST /v1/commands` through the running program, with nothing configured."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import requests

from tests.support.server import ALICE_KEY, BOB_KEY, Server


def command(
    server: Server, name: Any, *, key: str = ALICE_KEY, language: str = "", **body: Any
) -> requests.Response:
    headers = {"Accept-Language": language} if language else {}
    return server.request(
        "POST", "/v1/commands", key=key, json={"command": name, **body}, headers=headers
    )


def faults(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 422, response.text
    return {row["field"]: row["error"] for row in response.json()["error"]["details"]["fields"]}


def test_a_briefing_completes_without_any_source(server: Server) -> None:
    response = command(server, "briefing")
    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() == {"command", "status", "result", "text", "executed_at"}
    assert (answer["command"], answer["status"]) == ("MorningBriefing", "completed")
    assert answer["executed_at"].endswith("Z")
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(answer["executed_at"])
    assert dt.timedelta() <= age < dt.timedelta(minutes=1)
    assert answer["text"].startswith("Reminders: ")
    assert isinstance(answer["result"].pop("reminders"), list)
    assert answer["result"] == {
        "weather": None,
        "calendar": [],
        "tasks": [],
        "emails": None,
        "sources": {"weather": "not_configured", "calendar": "ok", "emails": "not_configured"},
    }


@pytest.mark.parametrize(
    ("name", "args", "setting"),
    [
        ("weather", None, "weather.location"),
        ("emails", {"count": 100}, "email.imap_host"),
    ],
)
def test_a_source_that_is_not_configured_names_its_setting(
    server: Server, name: str, args: dict[str, Any] | None, setting: str
) -> None:
    response = command(server, name, args=args)
    assert response.status_code == 503
    error = response.json()["error"]
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert f"set {setting}" in error["message"]
    assert error["details"] == {"setting": setting}


def test_help_lists_what_there_is(server: Server) -> None:
    listed = command(server, "help").json()["result"]["commands"]
    names = {c["name"] for c in listed}
    assert {"briefing", "weather", "reminders", "calendar", "help"} <= names
    assert not names & {"emails", "send_email"}  # no mailbox is connected
    reminders = next(c for c in listed if c["name"] == "reminders")
    assert reminders["type"] == "ListReminders"
    assert reminders["description"].startswith("The reminders")
    assert set(reminders["arguments"]["properties"]) == {"kind", "start", "days"}
    assert (reminders["side_effects"], reminders["approval"]) == (False, "never")
    german = command(server, "help", language="de-DE,de;q=0.9").json()["result"]["commands"]
    assert german[0]["description"].startswith("Wetter, heutige Erinnerungen")


def test_what_help_lists_is_taken(server: Server) -> None:
    for listed in command(server, "help").json()["result"]["commands"]:
        response = command(server, listed["name"])
        missing = listed["arguments"]["required"]
        if missing:
            assert set(faults(response)) == {f"args.{name}" for name in missing}
        elif listed["name"] == "remove_from_list":  # it needs one of two
            assert set(faults(response)) == {"args.items"}
        else:
            assert response.status_code in (200, 503)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("wether", None, {"command": "is not a known command; did you mean weather?"}),
        ("", None, {"command": "cannot be empty"}),
        (7, None, {"command": "must be a string"}),
        ("calendar", {"days": 0}, {"args.days": "must be between 1 and 366"}),
        ("calendar", {"days": True}, {"args.days": "must be a whole number"}),
        ("calendar", [1], {"args": "must be an object"}),
        (
            "calendar",
            {"days": "many", "start": "2026-02-07T09:00:00", "dayz": 1},
            {
                "args.dayz": "is not a known field; did you mean args.days?",
                "args.days": "must be a whole number",
                "args.start": "must be a time with its offset, such as 2026-02-08T15:00:00Z",
            },
        ),
        (
            "calendar",
            {"start": "9999-12-31T23:59:59-12:00"},
            {"args.start": "must be a time between 1971 and 2199"},
        ),
        ("weather", {"location": " "}, {"args.location": "cannot be empty"}),
        ("emails", {"count": 101}, {"args.count": "must be between 1 and 100"}),
        ("briefing", {"days": 1}, {"args.days": "is not a known field"}),
    ],
)
def test_every_broken_field_is_named(
    server: Server, name: Any, args: Any, expected: dict[str, str]
) -> None:
    assert faults(command(server, name, args=args)) == expected


def test_an_unknown_field_of_the_body(server: Server) -> None:
    assert faults(command(server, "briefing", arg={})) == {
        "arg": "is not a known field; did you mean args?"
    }


def test_a_reminder_is_made_and_listed(server: Server) -> None:
    title = f"Water the palm {uuid.uuid4()}"
    made = command(
        server, "create_reminder", args={"title": title, "remind_at": "2098-01-02T03:04:05+02:00"}
    )
    assert made.status_code == 200, made.text
    assert made.json()["result"]["remind_at"] == "2098-01-02T01:04:05Z"
    listed = command(server, "reminders").json()
    assert title in [row["title"] for row in listed["result"]["reminders"]]
    reminder = made.json()["result"]["id"]
    assert server.request("POST", f"/v1/reminders/{reminder}/done").status_code == 200
    after = command(server, "reminders").json()["result"]
    assert title not in [row["title"] for row in after["reminders"]]
    others = command(server, "reminders", key=BOB_KEY).json()["result"]
    assert title not in [row["title"] for row in others["reminders"]]


def test_a_reminder_of_the_past_is_refused(server: Server) -> None:
    args = {"title": "Too late", "remind_at": "2020-01-01T00:00:00Z"}
    response = command(server, "create_reminder", args=args)
    assert faults(response) == {"args.remind_at": "must be in the future"}
