"""What tools find, and what is done once a person has approved what they asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.agents.conftest import BERLIN
from tests.approvals.kinds import EVENT, LETTER, has_event, is_drafted, is_sent
from tests.mcp.test_client import text_of, use
from tests.support.equipped import CALENDAR, Equipped
from tests.support.server import ADMIN_KEY, AGENT_KEY

LUNCH = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:lunch
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{dt.datetime.now(BERLIN):%Y%m%d}
RRULE:FREQ=DAILY;COUNT=2
SUMMARY:Lunch with Ada
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
NOTE = (
    b"From: Zoe <zoe@example.org>\r\nSubject: Numbers\r\nMessage-ID: <n@x>\r\n\r\nHere they are\r\n"
)


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("weather", {}, ["Berlin: 15°C, partly cloudy"]),
        ("weather", {"location": "Köln"}, ["Köln: 15°C, partly cloudy"]),
        ("calendar", {"days": 2}, ["Lunch with Ada"]),
        ("emails", {"count": 1}, ["Numbers"]),
        ("briefing", {}, ["15°C", "Lunch with Ada", "1 unread"]),
        ("help", {}, ["weather", "calendar"]),
    ],
)
def test_what_is_set_up_is_told(
    equipped: Equipped, tool: str, arguments: dict[str, Any], told: list[str]
) -> None:
    equipped.radicale.add(CALENDAR, "lunch", LUNCH)
    equipped.dovecot.put(NOTE)
    result = use(equipped.server, tool, arguments, key=AGENT_KEY)
    assert not result.is_error, text_of(result)
    assert [fact for fact in told if fact.lower() not in text_of(result).lower()] == []
    assert result.structured_content["text"] == text_of(result)
    assert result.structured_content["status"] == "completed"


@pytest.mark.parametrize(
    ("tool", "arguments", "happened"),
    [
        ("create_event", EVENT, has_event),
        ("send_email", LETTER, is_sent),
        ("draft_email", LETTER, is_drafted),
    ],
)
def test_what_is_asked_for_is_done_once_it_was_approved(
    equipped: Equipped, tool: str, arguments: dict[str, str], happened: Callable[[Equipped], bool]
) -> None:
    asked = use(equipped.server, tool, arguments, key=AGENT_KEY).structured_content
    assert (asked["status"], asked["happened"]) == ("pending_approval", False)
    path = f"/v1/approvals/{asked['approval_id']}"
    waiting = equipped.server.request("GET", path).json()
    assert (waiting["kind"], waiting["title"]) == (tool, asked["title"])
    assert not happened(equipped)
    done = equipped.server.request("POST", f"{path}/approve").json()
    assert done["status"] == "executed"
    assert happened(equipped)


def test_a_system_command_runs_once_it_was_approved(equipped: Equipped) -> None:
    new = {"name": "Greet", "command": "echo {what:word}", "requires_approval": True}
    catalog = "/v1/commands/catalog"
    made = equipped.server.request("POST", catalog, key=ADMIN_KEY, json=new).json()
    run = {"catalog_id": made["id"], "arguments": {"what": "hello"}}
    asked = use(equipped.server, "run", run, key=AGENT_KEY).structured_content
    assert (asked["status"], asked["title"]) == ("pending_approval", "echo hello")
    path = f"/v1/approvals/{asked['approval_id']}/approve"
    done = equipped.server.request("POST", path).json()
    equipped.server.request("DELETE", f"{catalog}/{made['id']}", key=ADMIN_KEY)
    assert done["status"] == "executed"
    assert done["result"]["stdout"] == "hello\n"
