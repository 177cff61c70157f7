"""The audit log: what it tells, and that nobody changes it unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.approvals.conftest import Approvals, approvals
from tests.catalog.conftest import catalog
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE, ALICE_KEY, BOB, BOB_KEY

__all__ = ["approvals", "catalog"]

TABLES = ("audit_entries", "audit_heads", "approvals")


@contextmanager
def superuser(approvals: Approvals, user: str = ALICE) -> Iterator[psycopg.Connection[Any]]:
    """Somebody with every right in the database, for whom triggers are no obstacle either.

    Afterwards everything of `user` is as it was before.
    """
    with psycopg.connect(approvals.server.owner_dsn(), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        kept = {
            table: connection.execute(
                f"SELECT * FROM {table} WHERE user_id = %s".encode(), (user,)
            ).fetchall()
            for table in TABLES
        }
        try:
            yield connection
        finally:
            for table, rows in kept.items():
                connection.execute(f"DELETE FROM {table} WHERE user_id = %s".encode(), (user,))
                for row in rows:
                    marks = ", ".join(["%s"] * len(row))
                    connection.execute(
                        f"INSERT INTO {table} OVERRIDING SYSTEM VALUE VALUES ({marks})".encode(),
                        row,
                    )


@pytest.fixture
def entries(approvals: Approvals) -> int:
    """At least six entries of Alice's; how many there are."""
    approvals.decide(approvals.ask(), "approve")
    approvals.decide(approvals.ask(), "deny")
    approvals.catalog.execute("default-hostname")
    report = approvals.verify()
    assert report["intact"], report
    return int(report["entries"])


def test_it_tells_who_did_what(approvals: Approvals) -> None:
    approvals.catalog.execute("default-hostname", key=AGENT_KEY)
    approval = approvals.ask("echo asked")
    approvals.decide(approval, "approve", key=ADMIN_KEY)
    told = approvals.audit(limit=4)[::-1]
    assert [e["event"] for e in told] == ["ran", "requested", "approved", "executed"]
    assert [e["actor"] for e in told] == ["agent", "agent", "owner", "owner"]
    assert [e["subject"] for e in told] == ["default-hostname", *[approval] * 3]
    assert [e["what"] for e in told] == ["hostname", *["echo asked"] * 3]
    assert told[0]["scopes"] == ["user"]
    assert told[2]["scopes"] == ["admin", "approve", "user"]
    assert {e["kind"] for e in told} == {"catalog_command"}
    numbers = [e["seq"] for e in told]
    assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_pages(approvals: Approvals, entries: int) -> None:
    response = approvals.server.request("GET", "/v1/audit?limit=2&offset=1")
    assert [e["seq"] for e in response.json()] == [entries - 1, entries - 2]
    assert response.headers["X-Total-Count"] == str(entries)
    assert approvals.server.request("GET", "/v1/audit?limit=501").status_code == 422


def test_everybody_has_a_log_of_their_own(approvals: Approvals, entries: int) -> None:
    before = approvals.verify(key=BOB_KEY)
    approvals.decide(approvals.ask(), "deny")
    assert approvals.verify(key=BOB_KEY) == before
    assert approvals.verify()["entries"] == entries + 2


def test_nothing_readable_is_in_the_database(approvals: Approvals) -> None:
    approvals.decide(approvals.ask("echo very-secret-word"), "approve")
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        for table in ("approvals", "audit_entries"):
            rows = connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall()
            text = "".join(row[0] for row in rows)
            assert rows
            assert b"very-secret-word".hex() not in text
            assert "very-secret-word" not in text


def test_many_at_once_make_one_chain(approvals: Approvals) -> None:
    before = approvals.verify()["entries"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: approvals.catalog.execute("default-hostname"), range(40)))
    assert {a.status_code for a in answers} == {200}
    report = approvals.verify()
    assert (report["intact"], report["entries"]) == (True, before + 40)


@pytest.mark.parametrize("table", ["audit_entries", "audit_heads"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET mac = ''"])
def test_the_program_can_only_add(
    approvals: Approvals, entries: int, table: str, statement: str
) -> None:
    if (table, statement[:6]) == ("audit_heads", "UPDATE"):
        statement = "UPDATE {} SET user_id = user_id"
    with psycopg.connect(approvals.server.database_dsn()) as connection:
        connection.execute("SELECT set_config('pisovereign.user_id', %s, true)", (ALICE,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.format(table).encode())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE audit_entries SET actor = 'x'",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
        "UPDATE audit_heads SET count = count - 1",
    ],
)
def test_not_even_the_owner_can_do_more_by_mistake(
    approvals: Approvals, entries: int, statement: str
) -> None:
    with psycopg.connect(approvals.server.owner_dsn()) as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
            connection.execute(statement.encode())
        connection.rollback()


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody'",
        "event = 'denied'",
        "kind = 'x'",
        "subject = 'x'",
        "at = at + interval '1 microsecond'",
        "scopes = '{}'",
        "scopes = '{approve,user,admin}'",
        "what = set_byte(what, 30, get_byte(what, 30) # 1)",
        "mac = set_byte(mac, 0, get_byte(mac, 0) # 1)",
    ],
)
def test_a_changed_entry_is_named(approvals: Approvals, entries: int, change: str) -> None:
    with superuser(approvals) as connection:
        where = "WHERE user_id = %s AND seq = %s"
        connection.execute(
            f"UPDATE audit_entries SET {change} {where}".encode(), (ALICE, entries - 2)
        )
        report = approvals.verify()
    assert (report["intact"], report["broken"]) == (False, entries - 2)
    assert report["entries"] == entries - 3
    assert "changed" in report["problem"]
    assert approvals.verify()["intact"]


def test_a_missing_entry_is_named(approvals: Approvals, entries: int) -> None:
    with superuser(approvals) as connection:
        connection.execute(
            "DELETE FROM audit_entries WHERE user_id = %s AND seq = %s", (ALICE, entries - 2)
        )
        report = approvals.verify()
    assert (report["intact"], report["broken"]) == (False, entries - 2)


def test_exchanged_entries_are_noticed(approvals: Approvals, entries: int) -> None:
    with superuser(approvals) as connection:
        connection.execute(
            "UPDATE audit_entries SET seq = 1000000 + seq WHERE user_id = %s AND seq >= %s",
            (ALICE, entries - 1),
        )
        connection.execute(
            "UPDATE audit_entries SET seq = %s - seq WHERE user_id = %s AND seq > 1000000",
            (1000000 + 2 * entries - 1, ALICE),
        )
        report = approvals.verify()
    assert (report["intact"], report["broken"]) == (False, entries - 1)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("head", ["left", "moved", "deleted"])
def test_a_cut_end_is_noticed(approvals: Approvals, entries: int, count: int, head: str) -> None:
    with superuser(approvals) as connection:
        values = (ALICE, entries - count)
        connection.execute("DELETE FROM audit_entries WHERE user_id = %s AND seq > %s", values)
        if head == "moved":
            # As good as it gets without the key: the right number, the right newest hash.
            connection.execute(
                "UPDATE audit_heads h SET count = e.seq, newest = e.mac FROM audit_entries e"
                " WHERE h.user_id = %s AND e.user_id = h.user_id AND e.seq = %s",
                values,
            )
        elif head == "deleted":
            connection.execute("DELETE FROM audit_heads WHERE user_id = %s", (ALICE,))
        report = approvals.verify()
    assert not report["intact"]
    assert report["broken"] is None
    assert report["entries"] == entries - count
    assert "head" in report["problem"] or "missing" in report["problem"]


def test_entries_of_somebody_else_do_not_fit(approvals: Approvals, entries: int) -> None:
    approvals.decide(approvals.ask(key=BOB_KEY), "deny", key=BOB_KEY)
    with superuser(approvals, BOB) as connection:
        connection.execute("DELETE FROM audit_entries WHERE user_id = %s AND seq = 1", (BOB,))
        connection.execute(
            "INSERT INTO audit_entries SELECT %s, seq, at, event, kind, subject, actor, scopes,"
            " key_id, what, mac FROM audit_entries WHERE user_id = %s AND seq = 1",
            (BOB, ALICE),
        )
        report = approvals.verify(key=BOB_KEY)
    assert (report["intact"], report["broken"]) == (False, 1)


def test_a_log_that_is_gone_is_missed_by_the_approvals(approvals: Approvals, entries: int) -> None:
    with superuser(approvals) as connection:
        for table in ("audit_entries", "audit_heads"):
            connection.execute(f"DELETE FROM {table} WHERE user_id = %s".encode(), (ALICE,))
        report = approvals.verify()
    assert not report["intact"]
    assert "approvals" in report["problem"]


def test_a_noted_head_tells_of_everything_before_it(approvals: Approvals, entries: int) -> None:
    """Also when no trace of it is left in the database."""
    noted = approvals.verify()["head"]
    approvals.catalog.execute("default-hostname")
    assert approvals.verify(head=noted)["intact"]
    approvals.catalog.execute("default-hostname", key=BOB_KEY)
    bobs = approvals.verify(key=BOB_KEY)["head"]
    with superuser(approvals, BOB) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE user_id = %s".encode(), (BOB,))
        assert approvals.verify(key=BOB_KEY)["intact"]
        report = approvals.verify(key=BOB_KEY, head=bobs)
        assert not report["intact"]
        assert "missing" in report["problem"]


def test_another_history_is_not_the_noted_one(approvals: Approvals, entries: int) -> None:
    noted = approvals.verify()["head"]
    number, _, mac = noted.partition(":")
    other = f"{number}:{'0' * len(mac)}"
    report = approvals.verify(head=other)
    assert (report["intact"], report["broken"]) == (False, int(number))


@pytest.mark.parametrize("head", ["x", "1", "1:", "1:ab", "-1:" + "0" * 64, "1:" + "G" * 64])
def test_a_head_has_a_form(approvals: Approvals, head: str) -> None:
    response = approvals.server.request("GET", "/v1/audit/verify", params={"head": head})
    assert response.status_code == 422


def test_an_empty_log_is_intact(approvals: Approvals) -> None:
    with superuser(approvals, BOB) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE user_id = %s".encode(), (BOB,))
        report = approvals.verify(key=BOB_KEY)
        assert report == {
            "intact": True,
            "entries": 0,
            "head": "0:" + "0" * 64,
            "broken": None,
            "problem": None,
            "pruned": None,
            "noted": None,
        }
    assert approvals.verify(key=ALICE_KEY)["intact"]


def test_the_log_can_be_narrowed_and_exported(approvals: Approvals) -> None:
    approval = approvals.ask("echo narrowed")
    approvals.decide(approval, "deny")

    def wanted(query: str) -> list[Any]:
        found: list[Any] = approvals.server.request("GET", f"/v1/audit?{query}").json()
        return found

    both = wanted(f"subject={approval}")
    assert [entry["event"] for entry in both] == ["denied", "requested"]
    assert [e["seq"] for e in wanted(f"subject={approval}&event=denied")] == [both[0]["seq"]]
    assert wanted(f"subject={approval}&kind=send_email") == []
    asked = wanted(f"subject={approval}&actor=agent")
    assert [entry["event"] for entry in asked] == ["requested"]
    # The start belongs to it, the end does not.
    since, until = (both[n]["at"].replace("+", "%2B") for n in (0, 0))
    assert [e["event"] for e in wanted(f"subject={approval}&since={since}")] == ["denied"]
    assert [e["event"] for e in wanted(f"subject={approval}&until={until}")] == ["requested"]
    for bad in ("event=burnt", "since=yesterday"):
        answer = approvals.server.request("GET", f"/v1/audit?{bad}")
        assert answer.status_code == 422, bad
    exported = approvals.server.request("GET", "/v1/audit/export")
    assert exported.headers["Cache-Control"] == "no-store"
    entries = [json.loads(line) for line in exported.text.splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-2:] == both[::-1]
    assert approval not in approvals.server.request("GET", "/v1/audit/export", key=BOB_KEY).text
