"""The oldest entries go, a checkpoint stands for them, and nobody changes that unnoticed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisovereign.audit.pruning import AuditChanged
from pisovereign.storage.embedded import EmbeddedServer
from tests.audit.support import LogBench
from tests.storage.conftest import postgres, session_folder
from tests.support.patience import PATIENCE_S

__all__ = ["postgres", "session_folder"]


@pytest.fixture
def bench(postgres: EmbeddedServer) -> Iterator[LogBench]:
    made = LogBench(postgres)
    yield made
    made.close()


def test_the_oldest_go_and_the_rest_can_be_verified(bench: LogBench) -> None:
    bench.add(12)
    before = bench.verify()
    assert before.pruned is None
    assert [bench.prune(4), bench.prune(4), bench.prune(4)] == [5, 3, 0]
    report = bench.verify()
    assert (report.intact, report.entries, report.head) == (True, 12, before.head)
    assert report.pruned is not None
    assert report.pruned.entries == 8
    assert report.pruned.first_at < report.pruned.last_at
    assert [entry.seq for entry in bench.export()] == [8, 9, 10, 11, 12]
    bench.add(3)
    assert (bench.verify().intact, bench.verify().entries) == (True, 15)


def test_a_log_may_go_as_a_whole(bench: LogBench) -> None:
    bench.add(4)
    assert bench.prune(0) == 4
    assert (bench.verify().intact, bench.verify().entries) == (True, 4)
    bench.add()
    assert (bench.verify().intact, bench.verify().entries) == (True, 5)


def test_the_old_go_and_the_newest_stay_whatever_their_age(bench: LogBench) -> None:
    bench.add(8)
    bench.age(days=40, up_to=6)
    assert bench.verify().intact
    assert bench.prune(100, days=41) == 0
    assert bench.prune(100, days=30, always=5) == 3
    assert bench.prune(100, days=30) == 3
    assert bench.prune(100, days=30) == 0
    assert bench.verify().intact


def test_the_export_begins_with_what_went(bench: LogBench) -> None:
    bench.add(6)
    bench.prune(2)
    first, *rest = bench.export()
    assert (first.event, first.seq, first.actor) == ("pruned", 4, "system")
    assert "Entries 1 to 4" in first.what
    assert [entry.event for entry in rest] == ["ran", "ran"]
    with bench.superuser() as change:
        change("UPDATE audit_entries SET actor = 'x' WHERE user_id = %s AND seq = 6", bench.user)
        change("UPDATE audit_heads SET pruned_requests = 1 WHERE user_id = %s", bench.user)
    assert [isinstance(entry.error, str) for entry in bench.export()] == [True, False, True]


def test_a_noted_head_is_found_or_gone(bench: LogBench) -> None:
    heads = []
    for _ in range(6):
        bench.add()
        heads.append(bench.verify().head)
    bench.prune(2)
    assert [bench.verify(head).noted for head in heads] == ["pruned"] * 3 + ["found"] * 3
    number = heads[3].partition(":")[0]
    report = bench.verify(f"{number}:{'0' * 64}")
    assert not report.intact
    assert "noted" in (report.problem or "")


def test_a_missing_approval_is_noticed_also_after_others_went(bench: LogBench) -> None:
    for _ in range(6):
        bench.ask()
    assert bench.prune_approvals(4) == 2
    assert bench.verify().intact
    assert bench.prune(3) == 3
    assert bench.prune_approvals(2) == 2
    assert bench.verify().intact
    with bench.superuser() as change:
        change(
            "DELETE FROM approvals WHERE user_id = %s AND seq ="
            " (SELECT min(seq) FROM approvals WHERE user_id = %s)",
            bench.user,
            bench.user,
        )
    assert "approvals" in (bench.verify().problem or "")


def test_an_approval_that_is_not_over_stays(bench: LogBench) -> None:
    for status in ("pending", "approved", "executed"):
        bench.ask(status)
    assert bench.prune_approvals(0) == 1
    assert bench.verify().intact


def test_nothing_goes_of_a_log_that_was_changed(bench: LogBench) -> None:
    bench.add(6)
    with bench.superuser() as change:
        change("UPDATE audit_entries SET actor = 'x' WHERE user_id = %s AND seq = 2", bench.user)
    with pytest.raises(AuditChanged, match="entry 2"):
        bench.prune(1)
    assert bench.verify().broken == 2
    with bench.superuser() as change:
        change(
            "UPDATE audit_entries SET actor = 'tester' WHERE user_id = %s AND seq = 2", bench.user
        )
        # Who says that there are more of them does not get the oldest deleted.
        change("UPDATE audit_heads SET count = 1000 WHERE user_id = %s", bench.user)
    with pytest.raises(AuditChanged, match="head"):
        bench.prune(6)
    with pytest.raises(AuditChanged, match="head"):
        bench.prune_approvals(0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_heads SET pruned = 5",
        "UPDATE audit_heads SET pruned = 3",
        "UPDATE audit_heads SET pruned = 0, pruned_mac = NULL, pruned_from = NULL,"
        " pruned_to = NULL, pruned_requests = 0, pruned_approvals = 0, checkpoint_mac = NULL",
        "UPDATE audit_heads SET checkpoint_mac = NULL",
        "UPDATE audit_heads SET pruned_mac = newest",
        "UPDATE audit_heads SET pruned_from = pruned_from - interval '1 day'",
        "UPDATE audit_heads SET pruned_to = pruned_to + interval '1 microsecond'",
        "UPDATE audit_heads SET pruned_requests = pruned_requests + 1",
        "UPDATE audit_heads SET pruned_approvals = pruned_approvals + 1",
        "UPDATE audit_heads SET checkpoint_mac = sha256(checkpoint_mac)",
        "DELETE FROM audit_heads",
    ],
)
def test_a_changed_checkpoint_is_noticed(bench: LogBench, change: str) -> None:
    bench.add(8)
    bench.prune(4)
    with bench.superuser() as execute:
        execute(f"{change} WHERE user_id = %s", bench.user)
    assert not bench.verify().intact


def test_entries_after_the_checkpoint_cannot_be_cut_with_it(bench: LogBench) -> None:
    """Also by somebody who kept a later checkpoint, of another log, or an earlier one."""
    bench.add(10)
    assert bench.prune(6) == 4
    with bench.superuser() as change:
        change("CREATE TABLE kept AS SELECT * FROM audit_heads WHERE user_id = %s", bench.user)
        try:
            assert bench.prune(3) == 3
            change("DELETE FROM audit_heads WHERE user_id = %s", bench.user)
            change("INSERT INTO audit_heads SELECT * FROM kept")
        finally:
            change("DROP TABLE kept")
    report = bench.verify()
    assert (report.intact, report.broken) == (False, 5)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries WHERE user_id = %s AND seq = 8",
        "DELETE FROM audit_entries WHERE user_id = %s",
        "UPDATE audit_heads SET pruned = 10 WHERE user_id = %s",
        "UPDATE audit_heads SET pruned = pruned - 1 WHERE user_id = %s",
    ],
)
def test_not_even_the_owner_deletes_what_no_checkpoint_stands_for(
    bench: LogBench, statement: str
) -> None:
    bench.add(9)
    bench.prune(5)
    with psycopg.connect(bench.owner_dsn) as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
            connection.execute(statement.encode(), (bench.user,))
        connection.rollback()


def test_nothing_goes_while_somebody_verifies(bench: LogBench) -> None:
    bench.add(4)
    with psycopg.connect(bench.owner_dsn) as connection:
        name = f"audit {bench.user}"
        connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", (name,))
        assert bench.prune(1) == 0
        assert bench.prune_approvals(0) == 0
        assert bench.verify().intact
    assert bench.prune(1) == 3


_STEPS = st.one_of(
    st.tuples(st.just("add"), st.integers(1, 4)),
    st.tuples(st.just("ask"), st.just(1)),
    st.tuples(st.just("prune"), st.integers(0, 6)),
    st.tuples(st.just("approvals"), st.integers(0, 3)),
)
_CHANGES = (
    "UPDATE audit_entries SET kind = 'x' WHERE user_id = %s AND seq = {oldest}",
    "DELETE FROM audit_entries WHERE user_id = %s AND seq = {oldest}",
    "DELETE FROM audit_entries WHERE user_id = %s AND seq = {newest}",
    "UPDATE audit_heads SET pruned = pruned + 1 WHERE user_id = %s",
    "UPDATE audit_heads SET pruned_mac = newest WHERE user_id = %s AND pruned < count",
    "UPDATE audit_heads SET pruned_approvals = pruned_approvals + 1 WHERE user_id = %s",
)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(_STEPS, min_size=1, max_size=8),
    change=st.sampled_from(_CHANGES),
)
def test_whatever_goes_the_log_is_whole_and_any_change_is_noticed(
    postgres: EmbeddedServer, steps: list[tuple[str, int]], change: str
) -> None:
    bench = LogBench(postgres)
    try:
        bench.add()
        entries = 1
        for step, number in steps:
            if step == "add":
                bench.add(number)
                entries += number
            elif step == "ask":
                bench.ask()
                entries += 1
            elif step == "prune":
                bench.prune(number, at_once=3)
            else:
                bench.prune_approvals(number)
            report = bench.verify()
            assert (report.intact, report.entries) == (True, entries), report
            lines = bench.export()
            assert [line for line in lines if isinstance(line.error, str)] == []
            pruned = report.pruned.entries if report.pruned else 0
            assert [line.seq for line in lines] == [
                *([pruned] if pruned else []),
                *range(pruned + 1, entries + 1),
            ]
        bench.add()  # so that there is something to change
        newest = entries + 1
        with bench.superuser() as execute:
            execute(change.format(oldest=pruned + 1, newest=newest), bench.user)
        assert not bench.verify().intact
    finally:
        bench.close()


_PRUNE_ON = """
import sys
from tests.audit.support import LogBench
from types import SimpleNamespace
from uuid import UUID
bench = LogBench(SimpleNamespace(owner_dsn=sys.argv[1], app_dsn=sys.argv[2]), UUID(sys.argv[3]))
print("begun", flush=True)
while bench.prune(0, at_once=1):
    pass
"""


def test_whoever_is_killed_half_way_leaves_a_log_that_can_be_verified(bench: LogBench) -> None:
    bench.add(400)
    left = 400
    for round_number in range(3):
        arguments = [bench.owner_dsn, bench.app_dsn, str(bench.user)]
        process = subprocess.Popen(
            [sys.executable, "-c", _PRUNE_ON, *arguments], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        deadline = time.monotonic() + 60
        while (now := bench.stored()) > max(0, left - 20 * (round_number + 1)):
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        process.stdout.close()
        left = now
        report = bench.verify()
        assert (report.intact, report.entries) == (True, 400), report
        assert report.pruned is not None
        assert bench.stored() == 400 - report.pruned.entries
