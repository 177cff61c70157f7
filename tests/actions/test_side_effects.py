"""Commands that change something, through the running program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.test_commands import command, faults
from tests.approvals.conftest import Approvals
from tests.support.server import AGENT_KEY, ALICE_KEY, BOB_KEY, Server

EVENT = {
    "title": "Meeting",
    "start": "2026-02-08T15:00:00Z",
    "end": "2026-02-08T16:00:00Z",
}
MAIL = {"to": "bob@example.org", "subject": "Hi", "body": "Hello"}


def run(server: Server, name: str, *, key: str = ALICE_KEY, **arguments: str) -> Any:
    args = {"catalog_id": name, "arguments": arguments}
    return command(server, "run", key=key, args=args)


def test_a_system_command_is_executed(server: Server) -> None:
    answer = run(server, "default-disk-free").json()
    assert answer["command"] == "RunCatalogCommand"
    assert answer["status"] == "completed"
    assert answer["result"]["argv"] == ["df", "-h"]
    assert answer["text"].startswith("df -h:\n    Filesystem")
    assert answer["result"]["stdout"].splitlines()[0] in answer["text"]


def test_a_failure_is_the_status(approvals: Approvals) -> None:
    failing = approvals.catalog.add_free("ls /nowhere")
    answer = run(approvals.server, failing).json()
    assert answer["status"] == answer["result"]["status"] == "failed"
    assert answer["text"].startswith("ls /nowhere failed with exit code 2.\n    ls: cannot access")


def test_what_cannot_be_run_is_named(approvals: Approvals) -> None:
    unknown = {"args.catalog_id": "is not a command of the catalog"}
    assert faults(run(approvals.server, "default-nothing")) == unknown
    mine = approvals.catalog.add("echo {what:word}")["id"]
    assert faults(run(approvals.server, mine, key=BOB_KEY)) == unknown
    assert faults(run(approvals.server, mine, whom="x")) == {
        "args.arguments.what": "is required",
        "args.arguments.whom": "is not an argument of this command",
    }


def test_an_approval_is_asked_for(approvals: Approvals) -> None:
    mine = approvals.catalog.add("echo {what:word}", key=AGENT_KEY)["id"]
    answer = run(approvals.server, mine, key=AGENT_KEY, what="hello").json()
    assert answer.keys() == {
        "command",
        "status",
        "approval_id",
        "expires_at",
        "title",
        "text",
    }
    assert (answer["command"], answer["status"]) == ("RunCatalogCommand", "pending_approval")
    assert answer["title"] == "echo hello"
    assert answer["text"].startswith("This needs an approval until ")
    shown = approvals.get(answer["approval_id"])
    assert (shown["status"], shown["title"]) == ("pending", "echo hello")
    assert shown["expires_at"] == answer["expires_at"]
    done = approvals.decide(answer["approval_id"], "approve").json()
    assert done["status"] == "executed"
    assert done["result"]["stdout"] == "hello\n"


@pytest.mark.parametrize(
    ("name", "args", "setting"),
    [
        ("send_email", MAIL, "email.smtp_host"),
        ("draft_email", MAIL, "email.imap_host"),
    ],
)
def test_nothing_is_asked_for_where_nothing_is_configured(
    approvals: Approvals, name: str, args: dict[str, str], setting: str
) -> None:
    response = command(approvals.server, name, args=args)
    assert response.status_code == 503
    assert response.json()["error"]["details"] == {"setting": setting}
    assert approvals.request("GET", "?status=pending").json() == []
