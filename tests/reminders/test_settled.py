"""What one page sees to, every other open page knows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.reminders.support import last_event, remind, told, wait_for_event
from tests.support.server import Server

NOW, LATER = dt.timedelta(0), dt.timedelta(hours=1)


def settled(server: Server, after: int) -> list[Any]:
    return [event.data for event in told(server, after=after) if event.kind == "reminder_settled"]


@pytest.mark.parametrize(
    ("method", "rest", "body", "status"),
    [
        ("POST", "/done", None, "done"),
        ("POST", "/snooze", {"minutes": 5}, "scheduled"),
        ("PATCH", "", {"remind_at": "2099-12-24T17:00:00Z"}, "scheduled"),
        ("DELETE", "", None, "deleted"),
    ],
)
def test_seeing_to_a_due_reminder_is_told(
    server: Server, method: str, rest: str, body: Any, status: str
) -> None:
    start = last_event(server)
    made = remind(server, "Take the pills", NOW)
    wait_for_event(server, "reminder_due", after=start)
    server.request(method, f"/v1/reminders/{made['id']}{rest}", json=body)
    assert settled(server, start) == [{"id": made["id"], "status": status}]
    # Doing it once more, or something that shows nowhere, tells nothing.
    server.request("POST", f"/v1/reminders/{made['id']}/done")
    assert len(settled(server, start)) == 1
    server.request("DELETE", f"/v1/reminders/{made['id']}")


def test_what_was_not_due_is_not_told(server: Server) -> None:
    start = last_event(server)
    made = remind(server, "Later", LATER)
    server.request("POST", f"/v1/reminders/{made['id']}/done")
    server.request("DELETE", f"/v1/reminders/{made['id']}")
    assert settled(server, start) == []


def test_a_decided_approval_is_told(server: Server) -> None:
    start = last_event(server)
    command = {"name": "Free space", "command": "df -h"}
    added = server.request("POST", "/v1/commands/catalog", json=command)
    assert added.status_code == 201, added.text
    path = f"/v1/commands/catalog/{added.json()['id']}"
    asked = server.request("POST", f"{path}/execute").json()["approval_id"]
    server.request("POST", f"/v1/approvals/{asked}/deny")
    decided = [e.data for e in told(server, after=start) if e.kind == "approval_decided"]
    assert decided == [{"id": asked, "status": "denied"}]
    server.request("DELETE", path)
