"""Each reminder is told once, whatever ends, sleeps or jumps in between."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.test_at_rest import superuser
from tests.reminders.crash import remind_through_kills
from tests.reminders.support import Watcher, remind, told
from tests.support.server import Server, wait_until

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(
        data_dir,
        models_dir,
        PISOVEREIGN_SERVER__WORKERS="2",
        PISOVEREIGN_REMINDERS__CHECK_S="1",
        PISOVEREIGN_EVENTS__KEEP="100000",
    ).start()
    yield running
    running.remove()


def due(server: Server) -> Counter[str]:
    """How often each title was told."""
    return Counter(event.data["title"] for event in told(server) if event.kind == "reminder_due")


def wait_for(server: Server, count: int) -> Counter[str]:
    wait_until(lambda: due(server).total() >= count, 60, f"{count} events")
    return due(server)


def test_kills_restarts_and_two_workers(own_server: Server) -> None:
    outcome = remind_through_kills(own_server, 150, kills=20, seed=3)
    assert (outcome.reminders, outcome.told) == (150, 150)
    assert (outcome.told_twice, outcome.out_of_order) == (0, 0)
    assert sum(outcome.kills.values()) == 20


def test_what_became_due_while_nothing_ran_is_told_at_the_start(own_server: Server) -> None:
    for number in range(5):
        remind(own_server, f"Meanwhile {number}", 2 * SECOND)
    own_server.kill_everything()
    time.sleep(3)
    own_server.start()
    told_of = wait_for(own_server, 5)
    assert told_of == Counter(f"Meanwhile {number}" for number in range(5))


def test_many_at_once_are_told_once_each_by_two_workers(own_server: Server) -> None:
    """Far more than one transaction takes, due at the same moment."""
    with superuser(own_server) as connection:
        remind(own_server, "0", dt.timedelta(hours=1))
        connection.execute(
            "INSERT INTO reminders (user_id, id, key_id, title, remind_at)"
            " SELECT user_id, gen_random_uuid(), key_id, title, now() + interval '2 seconds'"
            " FROM reminders, generate_series(1, 1000)"
        )
        start = len(told(own_server))
        wait_until(lambda: len(told(own_server)) - start >= 1000, 60, "1,000 events")
        time.sleep(2)
        events = told(own_server)[start:]
    assert len(events) == 1000
    assert len({event.data["id"] for event in events}) == 1000


def test_a_clock_that_jumps(own_server: Server) -> None:
    """A jump of the clock looks, from the database, like rows whose times have moved.

    Forward: what was to come is due. Backward: what is due stays told, and is not told again.
    """
    ahead = remind(own_server, "Ahead", dt.timedelta(hours=2))
    told_before = remind(own_server, "Before", dt.timedelta(0))
    wait_for(own_server, 1)
    with superuser(own_server) as connection:
        connection.execute(
            "UPDATE reminders SET remind_at = remind_at - interval '3 hours' WHERE id = %s",
            (ahead["id"],),
        )
        assert wait_for(own_server, 2) == Counter(["Ahead", "Before"])
        connection.execute("UPDATE reminders SET remind_at = remind_at + interval '1 day'")
        connection.execute("UPDATE reminders SET due_at = due_at + interval '1 day'")
        remind(own_server, "Now", dt.timedelta(0))
        assert wait_for(own_server, 3) == Counter(["Ahead", "Before", "Now"])
        connection.execute("UPDATE reminders SET remind_at = remind_at - interval '2 days'")
        remind(own_server, "Last", dt.timedelta(0))
        assert wait_for(own_server, 4) == Counter(["Ahead", "Before", "Now", "Last"])
    shown = own_server.request("GET", f"/v1/reminders/{told_before['id']}").json()
    assert shown["status"] == "due"


def test_watchers_of_both_workers_see_the_same(own_server: Server) -> None:
    watchers = [Watcher(own_server) for _ in range(8)]
    for number in range(6):
        remind(own_server, str(number), dt.timedelta(0))
    seen = [[watcher.next() for _ in range(6)] for watcher in watchers]
    assert all(events == seen[0] for events in seen)
    assert sorted(event.data["title"] for event in seen[0]) == [str(n) for n in range(6)]
    for watcher in watchers:
        watcher.response.close()
