"""Asking, deciding and carrying out, through the running program."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.approvals.conftest import Approvals
from tests.support.loopback import FREE_PORT, Loopback
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE_KEY, BOB_KEY, wait_until

FIELDS = {
    "id", "kind", "title", "details", "lines", "status", "requested_by", "created_at", "expires_at",
    "decided_by", "decided_at", "finished_at", "result", "reason",
}  # fmt: skip
DECISIONS = ["approve", "deny", "cancel"]


def test_from_the_question_to_the_result(approvals: Approvals) -> None:
    made = approvals.catalog.add("echo {what:word}", key=AGENT_KEY, name="df -h")
    pending = approvals.catalog.execute(made["id"], key=AGENT_KEY, what="hello").json()
    assert pending == {
        "approval_id": pending["approval_id"],
        "expires_at": pending["expires_at"],
        "argv": ["echo", "hello"],
        "status": "pending_approval",
    }
    shown = approvals.get(pending["approval_id"])
    assert shown.keys() == FIELDS
    assert (shown["kind"], shown["status"], shown["requested_by"]) == (
        "catalog_command",
        "pending",
        "agent",
    )
    assert shown["title"] == "echo hello"
    assert shown["details"] == {
        "catalog_id": made["id"],
        "name": "df -h",
        "argv": ["echo", "hello"],
        "network": False,
        "privileged": False,
    }
    assert shown["lines"] == [
        {"name": "name", "label": "Name", "text": "df -h"},
        {"name": "argv", "label": "Command", "text": "echo hello"},
    ]
    lasts = dt.datetime.fromisoformat(shown["expires_at"]) - dt.datetime.fromisoformat(
        shown["created_at"]
    )
    assert lasts == dt.timedelta(minutes=30)

    answer = approvals.decide(shown["id"], "approve", key=ADMIN_KEY)
    assert answer.status_code == 200
    done = answer.json()
    assert (done["status"], done["decided_by"]) == ("executed", "owner")
    assert done["result"]["stdout"] == "hello\n"
    assert done["result"]["argv"] == ["echo", "hello"]
    assert (done["result"]["id"], done["result"]["status"]) == (made["id"], "completed")
    assert approvals.get(shown["id"]) == done
    assert approvals.events(shown["id"]) == ["requested", "approved", "executed"]


def test_a_command_that_fails_is_executed_too(approvals: Approvals) -> None:
    done = approvals.decide(approvals.ask("ls /nothing-is-here"), "approve").json()
    assert (done["status"], done["result"]["status"]) == ("executed", "failed")
    assert done["result"]["exit_code"] == 2


def test_denying_says_why(approvals: Approvals) -> None:
    approval = approvals.ask()
    done = approvals.decide(approval, "deny", json={"reason": "Not today"}).json()
    assert (done["status"], done["reason"], done["result"]) == ("denied", "Not today", None)
    assert done["decided_by"].startswith("api_key_users")
    assert approvals.get(approval) == done
    assert approvals.events(approval) == ["requested", "denied"]


def test_whoever_asked_may_withdraw(approvals: Approvals) -> None:
    approval = approvals.ask()
    done = approvals.decide(approval, "cancel", key=AGENT_KEY)
    assert done.status_code == 200
    assert (done.json()["status"], done.json()["reason"]) == ("cancelled", None)
    assert approvals.events(approval) == ["requested", "cancelled"]


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_key_that_may_not_approve(approvals: Approvals, decision: str) -> None:
    approval = approvals.ask()
    answer = approvals.decide(approval, decision, key=AGENT_KEY)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    assert approvals.get(approval, key=AGENT_KEY)["status"] == "pending"
    assert approvals.events(approval) == ["requested"]


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
def test_what_is_decided_stays_decided(approvals: Approvals, first: str, second: str) -> None:
    approval = approvals.ask()
    assert approvals.decide(approval, first).status_code == 200
    before = approvals.get(approval)
    answer = approvals.decide(approval, second)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CONFLICT"
    assert approvals.get(approval) == before


@pytest.mark.parametrize("decision", DECISIONS)
def test_somebody_elses_approval_does_not_exist(approvals: Approvals, decision: str) -> None:
    own = approvals.ask(key=BOB_KEY)
    for approval in (own, str(uuid4()), "not-an-id", "%00"):
        answers = [
            approvals.decide(approval, decision),
            approvals.decide(approval, decision, key=ADMIN_KEY),
            approvals.request("GET", f"/{approval}"),
        ]
        assert [a.status_code for a in answers] == [404] * 3
        assert {a.json()["error"]["message"] for a in answers} == {"No such approval"}
    assert own not in approvals.request("GET", "?limit=500").text
    assert approvals.get(own, key=BOB_KEY)["status"] == "pending"


def test_lists(approvals: Approvals) -> None:
    made = [approvals.ask() for _ in range(3)]
    approvals.decide(made[0], "deny")
    newest = approvals.request("GET", "?limit=3").json()
    assert [a["id"] for a in newest] == made[::-1]
    pending = approvals.request("GET", "?status=pending&limit=1&offset=1")
    assert [a["id"] for a in pending.json()] == [made[1]]
    assert pending.headers["X-Total-Count"] == "2"
    for query, status in (("limit=0", 422), ("status=lost", 422), ("limit=x", 400)):
        assert approvals.request("GET", f"?{query}").status_code == status


@pytest.mark.parametrize(
    ("decision", "body"),
    [
        ("deny", {"reason": ""}),
        ("deny", {"reason": "x" * 501}),
        ("deny", {"reason": 1}),
        ("deny", {"because": "x"}),
        ("approve", {"argv": ["id"]}),
        ("cancel", {"reason": "x"}),
    ],
)
def test_bodies_are_checked(approvals: Approvals, decision: str, body: Any) -> None:
    approval = approvals.ask()
    assert approvals.decide(approval, decision, json=body).status_code == 422
    assert approvals.get(approval)["status"] == "pending"


def test_what_was_asked_for_outlives_its_command(approvals: Approvals) -> None:
    """An approval holds what it showed, whatever happens to the catalog."""
    made = approvals.catalog.add("echo first", key=AGENT_KEY)
    approval = approvals.catalog.execute(made["id"], key=AGENT_KEY).json()["approval_id"]
    assert approvals.catalog.request("DELETE", f"/{made['id']}").status_code == 204
    assert approvals.decide(approval, "approve").json()["result"]["stdout"] == "first\n"


def test_a_dangerous_default_waits_also_for_an_owner(approvals: Approvals) -> None:
    answer = approvals.catalog.execute("default-reboot", key=ADMIN_KEY).json()
    assert answer["status"] == "pending_approval"
    shown = approvals.get(answer["approval_id"])
    assert (shown["title"], shown["details"]["privileged"]) == ("systemctl reboot", True)


def test_arguments_do_not_leave_the_house_for_a_key_that_may_only_ask(approvals: Approvals) -> None:
    """The name of a host would be looked up, and could tell a stranger something."""
    catalog = approvals.catalog
    asked = catalog.execute("default-ping", key=AGENT_KEY, host="secret.example.org").json()
    assert asked["status"] == "pending_approval"
    assert catalog.execute("default-ping", host="127.0.0.1").json()["argv"][-1] == "127.0.0.1"
    assert (
        catalog.execute("default-addresses", key=AGENT_KEY).json()["status"] != "pending_approval"
    )


def test_there_is_an_end_to_asking(approvals: Approvals) -> None:
    command = approvals.catalog.add("echo", key=AGENT_KEY)["id"]
    codes = [approvals.catalog.execute(command, key=AGENT_KEY).status_code for _ in range(101)]
    assert codes == [200] * 100 + [409]


@pytest.mark.parametrize("decision", DECISIONS)
def test_one_that_is_too_old_cannot_be_decided(approvals: Approvals, decision: str) -> None:
    """Time is turned forward by making it older, sealed as it must be."""
    approval = approvals.ask()
    _make_old(approvals, approval)
    answer = approvals.decide(approval, decision)
    assert answer.status_code == 409
    assert "expired" in answer.json()["error"]["message"]
    assert approvals.get(approval)["status"] == "expired"
    assert approvals.events(approval) == ["requested", "expired"]


def test_one_that_is_too_old_expires_by_itself(approvals: Approvals) -> None:
    """Without anybody who asks for it."""
    approval = approvals.ask()
    _make_old(approvals, approval)
    wait_until(lambda: _stored_status(approvals, approval) == "expired", PATIENCE_S, "the end")
    assert approval in [a["id"] for a in approvals.request("GET", "?status=expired").json()]
    assert approvals.events(approval) == ["requested", "expired"]


def _stored_status(approvals: Approvals, approval: str) -> str:
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        found = connection.execute("SELECT status FROM approvals WHERE id = %s", (approval,))
        row = found.fetchone()
    assert row is not None
    return str(row[0])


def _make_old(approvals: Approvals, approval: str) -> None:
    from pisovereign.approvals.sealed import ApprovalSealer, ContentBinding
    from pisovereign.storage.sealing import Sealer, load_key

    sealer = ApprovalSealer(Sealer(load_key(approvals.server.data_dir / "master.key")))
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        connection.execute("SET session_replication_role = replica")
        row = connection.execute(
            "SELECT user_id, id, kind, expires_at, key_id, content FROM approvals WHERE id = %s",
            (approval,),
        ).fetchone()
        assert row is not None
        place = ContentBinding(*row[:4])
        content = sealer.open(place, row[4], row[5])
        place = place._replace(expires_at=place.expires_at - dt.timedelta(minutes=30))
        connection.execute(
            "UPDATE approvals SET expires_at = %s, content = %s WHERE id = %s",
            (place.expires_at, sealer.seal(place, content.title, content.payload), approval),
        )


@pytest.mark.parametrize(
    "change",
    [
        "expires_at = expires_at + interval '1 hour'",
        "kind = 'send_email'",
        "content = set_byte(content, 30, get_byte(content, 30) # 1)",
        "content = (SELECT content FROM approvals WHERE id <> %(id)s ORDER BY seq DESC LIMIT 1)",
    ],
)
def test_what_a_superuser_changed_is_not_carried_out(approvals: Approvals, change: str) -> None:
    approvals.ask("echo other")
    approval = approvals.ask("echo asked")
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger either
        connection.execute(
            f"UPDATE approvals SET {change} WHERE id = %(id)s".encode(), {"id": approval}
        )
    answer = approvals.decide(approval, "approve")
    assert answer.status_code in (500, 503)
    shown = approvals.get(approval)
    assert (shown["status"], shown["title"], shown["details"]) == ("pending", "", {})
    assert shown["error"]
    assert approvals.events(approval) == ["requested"]
    assert approvals.decide(approval, "deny").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE approvals SET status = 'pending' WHERE id = %s",
        "UPDATE approvals SET status = 'approved' WHERE id = %s",
    ],
)
def test_the_database_knows_only_one_direction(approvals: Approvals, change: str) -> None:
    approval = approvals.ask()
    approvals.decide(approval, "deny")
    with (
        psycopg.connect(approvals.server.owner_dsn()) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="cannot become"),
    ):
        connection.execute(change.encode(), (approval,))


@pytest.mark.parametrize("column", ["content", "expires_at", "kind", "asked_by", "user_id"])
def test_the_program_cannot_change_what_was_asked_for(approvals: Approvals, column: str) -> None:
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        connection.execute("SET ROLE pisovereign_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"UPDATE approvals SET {column} = {column}".encode())


def test_two_approvers_at_once_a_hundred_times(approvals: Approvals) -> None:
    """Each of the commands asks a server, which counts."""
    rounds = 100
    asked: list[str] = []

    class Counting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    together = threading.Barrier(2)

    def approve(approval: str, key: str) -> Any:
        together.wait(PATIENCE_S)
        return approvals.decide(approval, "approve", key=key)

    counts: Counter[int] = Counter()
    counter = Loopback(ThreadingHTTPServer(FREE_PORT, Counting))
    with counter, ThreadPoolExecutor(2) as pool:
        command = f"curl --silent {counter.url}/"
        made = approvals.catalog.add(command, key=ADMIN_KEY, network=True)["id"]
        for number in range(rounds):
            approval = approvals.catalog.execute(made, key=AGENT_KEY).json()["approval_id"]
            answers = list(pool.map(approve, [approval] * 2, [ALICE_KEY, ADMIN_KEY]))
            counts.update(a.status_code for a in answers)
            assert len(asked) == number + 1
            assert approvals.get(approval)["status"] == "executed"
            assert approvals.events(approval) == ["requested", "approved", "executed"]
    assert counts == {200: rounds, 409: rounds}
