"""All that waits for an approval: how it is asked for, and what is there once it happened."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import NamedTuple

from tests.agents.support import approvals_of, begin, show, wait_for
from tests.support.equipped import CALENDAR, Equipped
from tests.support.server import AGENT_KEY

EVENT = {"title": "Dentist", "start": "2030-07-01T13:00:00Z", "end": "2030-07-01T14:00:00Z"}
LETTER = {"to": "bob@example.org", "subject": "Lunch", "body": "See you at noon"}


class Asked(NamedTuple):
    """An approval that waits, and whether by now it happened, and once."""

    id: str
    happened: Callable[[], bool]


def _command(equipped: Equipped, name: str, args: dict[str, str]) -> str:
    reply = equipped.server.request("POST", "/v1/commands", json={"command": name, "args": args})
    assert reply.json()["status"] == "pending_approval", reply.text
    return str(reply.json()["approval_id"])


def has_event(equipped: Equipped, title: str = EVENT["title"]) -> bool:
    """Whether one event is in the calendar, and is this one."""
    return [f"SUMMARY:{title}" in text for text in equipped.radicale.objects(CALENDAR)] == [True]


def is_sent(equipped: Equipped) -> bool:
    """Whether one mail was sent, and is this one."""
    sent = [(envelope.rcpt_tos, envelope.content) for envelope in equipped.smtp.received]
    return [to == [LETTER["to"]] and _is_letter(mail) for to, mail in sent] == [True]


def is_drafted(equipped: Equipped) -> bool:
    """Whether one mail lies in the drafts, and is this one."""
    return [_is_letter(mail) for _, mail in equipped.dovecot.mails("Entw&APw-rfe")] == [True]


def _is_letter(mail: object) -> bool:
    parts = (f"To: {LETTER['to']}", f"Subject: {LETTER['subject']}", LETTER["body"])
    return isinstance(mail, bytes) and all(part.encode() in mail for part in parts)


def _event(equipped: Equipped) -> Asked:
    asked = _command(equipped, "create_event", EVENT)
    return Asked(asked, lambda: has_event(equipped))


def _change(equipped: Equipped) -> Asked:
    server = equipped.server
    made = _command(equipped, "create_event", EVENT)
    assert server.request("POST", f"/v1/approvals/{made}/approve").json()["status"] == "executed"
    day = {"command": "calendar", "args": {"start": "2030-07-01T00:00:00Z"}}
    (event,) = server.request("POST", "/v1/commands", json=day).json()["result"]["events"]
    path = f"/v1/calendar/events/{event['id']}"
    asked = server.request("PATCH", path, json={"title": "Dancing"}).json()
    return Asked(asked["approval_id"], lambda: has_event(equipped, "Dancing"))


def _mail(equipped: Equipped) -> Asked:
    return Asked(_command(equipped, "send_email", LETTER), lambda: is_sent(equipped))


def _draft(equipped: Equipped) -> Asked:
    return Asked(_command(equipped, "draft_email", LETTER), lambda: is_drafted(equipped))


def _reminder(equipped: Equipped) -> Asked:
    title = f"pack {uuid.uuid4().hex}"
    task = begin(equipped.server, f"Remind me tomorrow at 9 to {title}")
    wait_for(equipped.server, task, "awaiting_approval")

    def happened() -> bool:
        reminders = equipped.server.request("GET", "/v1/reminders?limit=500").json()
        made = [reminder["title"] for reminder in reminders].count(title)
        return (made, show(equipped.server, task)["status"]) == (1, "completed")

    return Asked(approvals_of(equipped.server, task)[0]["id"], happened)


def _plan(equipped: Equipped) -> Asked:
    task = begin(equipped.server, "Check the weather", require_approval=True)
    waiting = wait_for(equipped.server, task, "awaiting_approval")

    def happened() -> bool:
        return bool(show(equipped.server, task)["status"] == "completed")

    return Asked(waiting["approval_id"], happened)


def _system_command(equipped: Equipped) -> Asked:
    new = {"name": f"Greet {uuid.uuid4().hex}", "command": "echo well done"}
    catalog = "/v1/commands/catalog"
    made = equipped.server.request("POST", catalog, key=AGENT_KEY, json=new).json()
    asked = equipped.server.request("POST", f"{catalog}/{made['id']}/execute", key=AGENT_KEY).json()
    equipped.server.request("DELETE", f"{catalog}/{made['id']}")
    path = f"/v1/approvals/{asked['approval_id']}"

    def happened() -> bool:
        result = equipped.server.request("GET", path).json()["result"]
        return bool(result and result["stdout"] == "well done\n")

    return Asked(asked["approval_id"], happened)


KINDS: dict[str, Callable[[Equipped], Asked]] = {
    "create_event": _event,
    "calendar_change": _change,
    "send_email": _mail,
    "draft_email": _draft,
    "create_reminder": _reminder,
    "agent_plan": _plan,
    "catalog_command": _system_command,
}
