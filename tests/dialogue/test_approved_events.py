"""Events that a person approved between two messages."""

from __future__ import annotations

import uuid
from typing import Any

from tests.support.equipped import CALENDAR, Equipped
from tests.support.server import ADMIN_KEY


def say(equipped: Equipped, text: str, conversation: str) -> dict[str, Any]:
    response = equipped.server.chat(text, conversation_id=conversation, key=ADMIN_KEY)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def approve(equipped: Equipped, answer: dict[str, Any]) -> None:
    command = answer.get("command") or {}
    assert command.get("status") == "pending_approval", answer
    path = f"/v1/approvals/{command['approval_id']}/approve"
    approved = equipped.server.request("POST", path, key=ADMIN_KEY)
    assert approved.json()["status"] == "executed", approved.text


def test_an_event_that_is_there_is_moved_and_deleted(equipped: Equipped) -> None:
    name = f"events-{uuid.uuid4()}"
    made = say(equipped, "Create a meeting with Ada tomorrow from 2 to 3 pm", name)
    approve(equipped, made)
    moved = say(equipped, "actually make it 4", name)
    assert moved["command"]["type"] == "MoveCalendarEvent"
    approve(equipped, moved)
    (event,) = equipped.radicale.objects(CALENDAR)
    assert "T160000" in event
    deleted = say(equipped, "cancel that", name)
    assert deleted["command"]["type"] == "DeleteCalendarEvent"
    approve(equipped, deleted)
    assert equipped.radicale.objects(CALENDAR) == []


def test_an_event_that_was_listed_is_moved(equipped: Equipped) -> None:
    name = f"listed-{uuid.uuid4()}"
    approve(equipped, say(equipped, "Create a meeting with Bob tomorrow from 2 to 3 pm", name))
    listed = say(equipped, "What's in my calendar tomorrow?", name)
    assert "Bob" in listed["content"]
    approve(equipped, say(equipped, "move the first one to 5 pm", name))
    (event,) = equipped.radicale.objects(CALENDAR)
    assert "T170000" in event


def test_what_was_denied_is_not_there_to_be_moved(equipped: Equipped) -> None:
    name = f"denied-{uuid.uuid4()}"
    made = say(equipped, "Create a meeting with Eve tomorrow from 2 to 3 pm", name)
    path = f"/v1/approvals/{made['command']['approval_id']}/deny"
    assert equipped.server.request("POST", path, key=ADMIN_KEY).status_code == 200
    assert "nothing that I could take back" in say(equipped, "cancel that", name)["content"]
