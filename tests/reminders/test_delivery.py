"""Each reminder is told once, whatever ends, sleeps or jumps in between."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from tests.memory.test_at_rest import superuser
from tests.reminders.crash import remind_through_kills
from tests.reminders.support import Watcher, last_event, remind, told
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until

SECOND = dt.timedelta(seconds=1)


SETTINGS = {
    "PISOVEREIGN_SERVER__WORKERS": "2",
    "PISOVEREIGN_REMINDERS__CHECK_S": "1",
    "PISOVEREIGN_EVENTS__KEEP": "100000",
}


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir, **SETTINGS).start()
    yield running
    running.remove()


@pytest.fixture(scope="module")
def _lasting(models_dir: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pisov-") as folder:
        running = Server(Path(folder), models_dir, **SETTINGS).start()
        yield running
        running.remove()


@pytest.fixture
def lasting(_lasting: Server) -> Server:
    """One without reminders; what was told before has been told."""
    with superuser(_lasting) as connection:
        connection.execute("DELETE FROM reminders")
    return _lasting


def due(server: Server, after: int) -> Counter[str]:
    """How often each title was told since."""
    events = told(server, after=after)
    return Counter(event.data["title"] for event in events if event.kind == "reminder_due")


def wait_for(server: Server, count: int, after: int) -> Counter[str]:
    wait_until(lambda: due(server, after).total() >= count, 60, f"{count} events")
    return due(server, after)


def test_kills_restarts_and_two_workers(own_server: Server) -> None:
    outcome = remind_through_kills(own_server, 150, kills=20, seed=3)
    assert (outcome.reminders, outcome.told) == (150, 150)
    assert (outcome.told_twice, outcome.out_of_order) == (0, 0)
    # The next one of a series is there exactly once, whatever ended when the first one was due.
    assert (outcome.series, outcome.continued) == (50, 50)
    assert sum(outcome.kills.values()) == 20


def test_what_became_due_while_nothing_ran_is_told_at_the_start(lasting: Server) -> None:
    start = last_event(lasting)
    for number in range(5):
        remind(lasting, f"Meanwhile {number}", 2 * SECOND)
    due_at = time.time() + 2
    lasting.kill_everything()
    wait_until(lambda: time.time() > due_at, PATIENCE_S, "the time of the last one")
    lasting.start()
    told_of = wait_for(lasting, 5, start)
    assert told_of == Counter(f"Meanwhile {number}" for number in range(5))


def test_many_at_once_are_told_once_each_by_two_workers(lasting: Server) -> None:
    """Far more than one transaction takes, due at the same moment."""
    with superuser(lasting) as connection:
        remind(lasting, "0", dt.timedelta(hours=1))
        start = len(told(lasting))
        connection.execute(
            "INSERT INTO reminders (user_id, id, key_id, title, remind_at)"
            " SELECT user_id, gen_random_uuid(), key_id, title, now() + interval '2 seconds'"
            " FROM reminders, generate_series(1, 1000)"
        )
        wait_until(lambda: len(told(lasting)) - start >= 1000, 60, "1,000 events")
        _wait_for_transactions(connection)
        events = told(lasting)[start:]
    assert len(events) == 1000
    assert len({event.data["id"] for event in events}) == 1000


def _wait_for_transactions(connection: Connection[Any]) -> None:
    """Wait for whoever may have begun before: who begins later finds all of them told."""
    now = connection.execute("SELECT clock_timestamp()").fetchone()
    older = "SELECT pid FROM pg_stat_activity WHERE xact_start < %s AND pid <> pg_backend_pid()"
    wait_until(
        lambda: not connection.execute(older, now).fetchall(), PATIENCE_S, "older transactions"
    )


def test_a_clock_that_jumps(lasting: Server) -> None:
    """A jump of the clock looks, from the database, like rows whose times have moved.

    Forward: what was to come is due. Backward: what is due stays told, and is not told again.
    """
    start = last_event(lasting)
    ahead = remind(lasting, "Ahead", dt.timedelta(hours=2))
    told_before = remind(lasting, "Before", dt.timedelta(0))
    wait_for(lasting, 1, start)
    with superuser(lasting) as connection:
        connection.execute(
            "UPDATE reminders SET remind_at = remind_at - interval '3 hours' WHERE id = %s",
            (ahead["id"],),
        )
        assert wait_for(lasting, 2, start) == Counter(["Ahead", "Before"])
        connection.execute("UPDATE reminders SET remind_at = remind_at + interval '1 day'")
        connection.execute("UPDATE reminders SET due_at = due_at + interval '1 day'")
        remind(lasting, "Now", dt.timedelta(0))
        assert wait_for(lasting, 3, start) == Counter(["Ahead", "Before", "Now"])
        connection.execute("UPDATE reminders SET remind_at = remind_at - interval '2 days'")
        remind(lasting, "Last", dt.timedelta(0))
        assert wait_for(lasting, 4, start) == Counter(["Ahead", "Before", "Now", "Last"])
    shown = lasting.request("GET", f"/v1/reminders/{told_before['id']}").json()
    assert shown["status"] == "due"


def test_watchers_of_both_workers_see_the_same(lasting: Server) -> None:
    watchers = [Watcher(lasting) for _ in range(8)]
    for number in range(6):
        remind(lasting, str(number), dt.timedelta(0))
    seen = [[watcher.next() for _ in range(6)] for watcher in watchers]
    assert all(events == seen[0] for events in seen)
    assert sorted(event.data["title"] for event in seen[0]) == [str(n) for n in range(6)]
    for watcher in watchers:
        watcher.response.close()
