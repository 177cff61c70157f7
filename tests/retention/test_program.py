"""The program deletes what is over and too old, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.approvals.conftest import Approvals
from tests.audit.support import LogBench, Places
from tests.catalog.conftest import Catalog
from tests.support.api_server import running_api
from tests.support.server import ALICE, BOB, Server, wait_until

LIMIT_S = 60.0


@pytest.fixture(scope="module")
def tidy(server: Server, models_dir: Path) -> Iterator[Server]:
    """A program that looks each second, and keeps little."""
    settings = {
        "PISOVEREIGN_RETENTION__CHECK_S": "1",
        "PISOVEREIGN_RETENTION__CONVERSATION_DAYS": "30",
        "PISOVEREIGN_RETENTION__EVENT_DAYS": "30",
        "PISOVEREIGN_RETENTION__REMINDER_DAYS": "30",
        "PISOVEREIGN_RETENTION__APPROVAL_DAYS": "30",
    }
    with running_api(server, models_dir, **settings) as running:
        yield running


def age(server: Server, statement: str, *values: Any) -> None:
    """Change something as somebody with every right in the database."""
    with psycopg.connect(server.owner_dsn()) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement.encode(), values).rowcount > 0


def status(server: Server, path: str) -> int:
    return server.request("GET", path).status_code


def test_conversations_go_when_nothing_was_said_for_so_long(tidy: Server) -> None:
    for name in ("old", "pinned", "new"):
        answer = tidy.chat("what is 2 times 3?", conversation_id=name)
        assert answer.status_code == 200, answer.text
    tidy.request("PATCH", "/v1/conversations/pinned", json={"pinned": True})
    age(
        tidy,
        "UPDATE conversations SET updated_at = now() - interval '31 days' WHERE id <> 'new'",
    )
    wait_until(lambda: status(tidy, "/v1/conversations/old") == 404, LIMIT_S, "the old one")
    assert status(tidy, "/v1/conversations/pinned") == 200
    assert status(tidy, "/v1/conversations/new") == 200


def test_reminders_go_that_are_done_for_so_long(tidy: Server) -> None:
    ids = []
    for title in ("old", "open", "new"):
        body = {"title": title, "remind_at": "2099-12-24T18:00:00+01:00"}
        ids.append(tidy.request("POST", "/v1/reminders", json=body).json()["id"])
    for one in (ids[0], ids[2]):
        assert tidy.request("POST", f"/v1/reminders/{one}/done").status_code == 200
    age(
        tidy,
        "UPDATE reminders SET updated_at = now() - interval '31 days' WHERE id = ANY(%s::uuid[])",
        ids[:2],
    )
    wait_until(lambda: status(tidy, f"/v1/reminders/{ids[0]}") == 404, LIMIT_S, "the old one")
    assert [status(tidy, f"/v1/reminders/{one}") for one in ids[1:]] == [200, 200]


def test_approvals_go_and_the_log_stays_whole(tidy: Server) -> None:
    approvals = Approvals(tidy)
    assert isinstance(approvals.catalog, Catalog)
    old, pending, new = (approvals.ask(f"echo {n}") for n in range(3))
    for one in (old, new):
        assert approvals.decide(one, "deny").status_code == 200
    age(
        tidy,
        "UPDATE approvals SET finished_at = now() - interval '31 days',"
        " created_at = now() - interval '31 days' WHERE id = ANY(%s::uuid[])",
        [old, pending],
    )
    wait_until(lambda: status(tidy, f"/v1/approvals/{old}") == 404, LIMIT_S, "the old one")
    assert [status(tidy, f"/v1/approvals/{one}") for one in (pending, new)] == [200, 200]
    report = approvals.verify()
    assert (report["intact"], report["pruned"]) == (True, None)
    assert approvals.events(old) == ["requested", "denied"]
    approvals.decide(pending, "cancel")


def test_who_follows_events_is_told_that_old_ones_are_gone(tidy: Server) -> None:
    approvals = Approvals(tidy)
    approvals.decide(approvals.ask("echo event"), "deny")
    age(
        tidy,
        "UPDATE events SET created_at = now() - interval '31 days'"
        " WHERE user_id = %s AND stream = user_id",
        ALICE,
    )

    def said() -> str:
        return tidy.request("GET", "/v1/events?after=0&follow=false").text

    wait_until(lambda: "event: " not in said(), LIMIT_S, "the old events")
    with psycopg.connect(tidy.owner_dsn()) as connection:
        row = connection.execute(
            "SELECT first_id, last_id FROM event_streams WHERE user_id = %s AND stream = user_id",
            (ALICE,),
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] + 1
    approvals.decide(approvals.ask("echo later"), "deny")
    missed = next(line for line in said().splitlines() if line.startswith("data: "))
    assert "event: missed" in said()
    assert json.loads(missed[6:]) == {"first": 1, "last": row[1]}


def test_the_log_of_somebody_who_is_gone_goes_to_its_last_entry(tidy: Server) -> None:
    places = Places(tidy.owner_dsn(), make_conninfo(tidy.database_dsn()))
    key = (tidy.data_dir / "master.key").read_bytes()
    gone = LogBench(places, master_key=key)
    bob = LogBench(places, UUID(BOB), master_key=key)
    for bench in (gone, bob):
        bench.add(3)
        bench.age(days=800, up_to=3)

    wait_until(lambda: gone.stored() == 0, LIMIT_S, "the log of somebody who is gone")
    assert bob.stored() >= 3
    gone.close()
    bob.close()
