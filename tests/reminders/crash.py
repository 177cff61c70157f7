"""Reminders that become due while what tells them is killed again and again."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import requests

from tests.memory.crash import kill
from tests.reminders.support import at, told
from tests.support.server import Server, wait_until

CLIENTS = 4


class Outcome(msgspec.Struct, frozen=True):
    """What became of reminders.

    Attributes:
        reminders: How many were acknowledged.
        told: How many of them an event tells of.
        told_twice: Events too many.
        out_of_order: Events whose number is not larger than the one before.
        series: How many of them repeat.
        continued: How many of these have exactly one that is still to come.
        kills: How often each victim was killed.
    """

    reminders: int
    told: int
    told_twice: int
    out_of_order: int
    series: int
    continued: int
    kills: dict[str, int]


def remind_through_kills(server: Server, count: int, *, kills: int, seed: int) -> Outcome:
    """Create `count` reminders that are due within seconds, while processes are killed."""
    chance = random.Random(seed)
    done = threading.Event()
    killed: Counter[str] = Counter()
    acknowledged: list[str] = []

    def create(number: int) -> None:
        body = {"title": f"Parcel {number}", "remind_at": at(dt.timedelta(seconds=number % 5))}
        if number % 3 == 0:
            body["repeat"] = "daily"
        said = "nothing"
        for _ in range(6000):
            with contextlib.suppress(requests.RequestException):
                reply = server.request("POST", "/v1/reminders", json=body, timeout=20)
                if reply.status_code == 201:
                    acknowledged.append(reply.json()["id"])
                    return
                said = reply.text
            time.sleep(0.05)
            body["remind_at"] = at(dt.timedelta(seconds=1))
        raise AssertionError(f"a reminder was never stored; the last answer was {said}")

    def kill_some() -> None:
        while killed.total() < kills and not done.is_set():
            victim = chance.choice(["API worker", "API worker", "connection", "PostgreSQL"])
            if kill(server, victim, chance):
                killed[victim] += 1
            time.sleep(chance.uniform(0.05, 0.6))

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(create, range(count)))
        killer.join(300)
    finally:
        done.set()
        killer.join()
    events = _settled(server, acknowledged)
    by_reminder = Counter(event.data["id"] for event in events)
    numbers = [event.id or 0 for event in events]
    following = _following(server, acknowledged)
    return Outcome(
        reminders=len(acknowledged),
        told=sum(by_reminder[reminder] > 0 for reminder in acknowledged),
        told_twice=sum(times - 1 for times in by_reminder.values()),
        out_of_order=sum(a >= b for a, b in itertools.pairwise(numbers)),
        series=len(following),
        continued=sum(count == 1 for count in following.values()),
        kills=dict(killed),
    )


def _following(server: Server, reminders: list[str]) -> Counter[str]:
    """How many of each series are still to come.

    One that was stored, but whose answer was lost, was created again and is left out.
    """
    rows = server.request("GET", "/v1/reminders?limit=500").json()
    series = {row["series_id"] for row in rows if row["series_id"] and row["id"] in reminders}
    found = Counter(dict.fromkeys(series, 0))
    found.update(
        row["series_id"]
        for row in rows
        if row["series_id"] in series and row["status"] == "scheduled"
    )
    return found


def _settled(server: Server, reminders: list[str]) -> list[Any]:
    """All events, once every reminder is told, or as many as there are after a while."""

    def events() -> list[Any]:
        with contextlib.suppress(requests.RequestException, AssertionError):
            return [event for event in told(server) if event.kind == "reminder_due"]
        return []

    with contextlib.suppress(AssertionError):
        wait_until(lambda: set(reminders) <= {e.data["id"] for e in events()}, 60, "every event")
    wait_until(lambda: bool(events()) or not reminders, 60, "an answer")
    return events()
