"""`/v1/events` through the running program, and the limits of open streams."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.events.log import EventLog
from pisovereign.events.stream import USER_STREAMS, ConnectionLimits, EventStreams
from pisovereign.events.wakeups import Wakeups
from tests.memory.test_at_rest import superuser
from tests.reminders.support import Told, Watcher, last_event, remind, told, wait_for_event
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, ALICE_KEY, BOB_KEY, Server, wait_until

MOST_OF_ONE_USER = USER_STREAMS.most_of_one_user
NOW = dt.timedelta(0)


def happen(server: Server, title: str, *, key: str = ALICE_KEY) -> None:
    """Cause an event, and wait until it is there."""
    before = last_event(server, key=key)
    remind(server, title, NOW, key=key)
    wait_for(server, before + 1, key=key)


def wait_for(server: Server, number: int, *, key: str = ALICE_KEY) -> None:
    wait_until(lambda: last_event(server, key=key) >= number, PATIENCE_S, "the event")


def titles(events: list[Told]) -> list[str]:
    return [event.data["title"] for event in events]


def test_an_event_reaches_every_watcher_of_its_user(server: Server) -> None:
    with Watcher(server) as one, Watcher(server) as two, Watcher(server, key=BOB_KEY) as other:
        happen(server, "For Alice")
        happen(server, "For Bob", key=BOB_KEY)
        first, second = one.next(), two.next()
        assert first == second
        assert (first.kind, first.data["title"]) == ("reminder_due", "For Alice")
        assert other.next().data["title"] == "For Bob"


def test_a_stream_begins_with_what_is_to_come(server: Server) -> None:
    happen(server, "Before")
    with Watcher(server) as watcher:
        happen(server, "After")
        assert watcher.next().data["title"] == "After"


def test_who_was_cut_off_misses_nothing_and_sees_nothing_twice(server: Server) -> None:
    start = last_event(server)
    with Watcher(server) as watcher:
        happen(server, "one")
        seen = watcher.next()
    assert seen.id == start + 1
    happen(server, "two")
    happen(server, "three")
    with Watcher(server, after=seen.id) as watcher:
        caught_up = [watcher.next(), watcher.next()]
        happen(server, "four")
        caught_up.append(watcher.next())
    assert titles(caught_up) == ["two", "three", "four"]
    assert [event.id for event in caught_up] == [start + 2, start + 3, start + 4]
    assert titles(told(server, after=start)) == ["one", "two", "three", "four"]


def test_the_header_wins_over_the_address(server: Server) -> None:
    happen(server, "old")
    last = last_event(server)
    path = "/v1/events?after=0&follow=false"
    reply = server.request("GET", path, headers={"Last-Event-ID": str(last)})
    assert "event:" not in reply.text


def test_a_number_from_the_future_waits_for_the_next_event(server: Server) -> None:
    with Watcher(server, after=9_000_000) as watcher:
        happen(server, "next")
        assert watcher.next().data["title"] == "next"


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 16, "9" * 40, "²"])
def test_a_number_that_is_none_is_refused(server: Server, value: str) -> None:
    reply = server.request("GET", "/v1/events", headers={"Last-Event-ID": value.encode()})
    assert reply.status_code == 400


@pytest.mark.parametrize("query", ["after=-1", "follow=no"])
def test_parameters_are_checked(server: Server, query: str) -> None:
    assert server.request("GET", f"/v1/events?{query}").status_code == 422


def test_one_user_cannot_take_every_stream(server: Server) -> None:
    watchers = [Watcher(server, key=BOB_KEY) for _ in range(16)]
    try:
        refused = server.request("GET", "/v1/events", key=BOB_KEY)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        with Watcher(server) as watcher:
            happen(server, "Alice's own")
            assert watcher.next().data["title"] == "Alice's own"
    finally:
        for open_one in watchers:
            open_one.response.close()


def test_a_process_hears_what_another_one_wrote(server: Server) -> None:
    with ApiProcess(server) as api, Watcher(server, url=api.url) as watcher:
        happen(server, "From the other one")
        assert watcher.next().data["title"] == "From the other one"


@pytest.fixture
def forgetful(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir, PISOVEREIGN_EVENTS__KEEP="10").start()
    yield running
    running.remove()


def test_what_was_dropped_is_told_and_streams_end_with_the_server(forgetful: Server) -> None:
    for number in range(13):
        happen(forgetful, str(number))
    after_two = told(forgetful, after=2)
    assert after_two[0] == Told(3, "missed", {"first": 3, "last": 3})
    assert titles(after_two[1:]) == [str(number) for number in range(3, 13)]
    assert [event.kind for event in told(forgetful, after=3)] == ["reminder_due"] * 10
    with Watcher(forgetful, after=12) as watcher:
        assert watcher.next().data["title"] == "12"
        assert forgetful.stop() == 0
        # The stream came to its proper end: a connection that was cut would raise.
        assert list(watcher.events) == []


def test_what_was_damaged_hides_nothing_else(server: Server) -> None:
    start = last_event(server)
    for title in ("damaged", "whole"):
        happen(server, title)
    damage = "UPDATE events SET data = %s WHERE user_id = %s AND id = %s"
    row = (ALICE, start + 1)
    with superuser(server) as connection:
        found = connection.execute("SELECT data FROM events WHERE user_id = %s AND id = %s", row)
        (stored,) = found.fetchone() or (b"",)
        connection.execute(damage, (b"x", *row))
        damaged, whole = told(server, after=start)
        connection.execute(damage, (stored, *row))  # others read the log of this server, too
    assert damaged == Told(start + 1, "missed", {"first": start + 1, "last": start + 1})
    assert whole.data["title"] == "whole"
    assert titles(told(server, after=start)) == ["damaged", "whole"]


def test_deleted_events_are_no_gap(server: Server) -> None:
    start = last_event(server)
    happen(server, "stays")
    made = remind(server, "goes", NOW)
    wait_for(server, start + 2)
    happen(server, "stays too")
    server.request("DELETE", f"/v1/reminders/{made['id']}")
    events = [event for event in told(server, after=start) if event.kind == "reminder_due"]
    assert titles(events) == ["stays", "stays too"]
    assert [event.id for event in events] == [start + 1, start + 3]
    wait_for_event(server, "reminder_due", after=start)


class _Log:
    def __init__(self) -> None:
        self.wakeups = Wakeups()
        self.is_away = False

    async def last(self, user: uuid.UUID, stream: uuid.UUID | None) -> int:
        await asyncio.sleep(0)
        if self.is_away:
            raise ServiceUnavailable("away")
        return 0


def test_a_burst_does_not_pass_the_limit() -> None:
    async def course() -> None:
        log, user = _Log(), uuid.uuid4()
        streams = EventStreams(cast("EventLog", log))

        async def burst() -> list[object]:
            asked = (streams.watch(user, None, follow=True) for _ in range(MOST_OF_ONE_USER + 5))
            return list(await asyncio.gather(*asked, return_exceptions=True))

        log.is_away = True
        assert len(await burst()) == MOST_OF_ONE_USER + 5
        log.is_away = False
        opened = await burst()
        refused = [each for each in opened if isinstance(each, ServiceUnavailable)]
        assert len(refused) == 5
        first = opened[0]
        await first.close()  # type: ignore[attr-defined]
        await first.close()  # type: ignore[attr-defined]
        again = await streams.watch(user, None, follow=True)
        with pytest.raises(ServiceUnavailable):
            await streams.watch(user, None, follow=True)
        assert await anext(again)
        # Whom nobody reads and nobody closes, because the client has left, is gone as well.
        del opened, first
        gc.collect()
        assert sum(isinstance(each, ServiceUnavailable) for each in await burst()) == 6
        await again.close()

    asyncio.run(course())


def test_all_users_together_are_limited() -> None:
    limits = ConnectionLimits(3, 2)
    held = [limits.take(uuid.UUID(int=number)) for number in (1, 1, 2)]
    with pytest.raises(ServiceUnavailable):
        limits.take(uuid.UUID(int=3))
    held[0].close()
    limits.take(uuid.UUID(int=3))
