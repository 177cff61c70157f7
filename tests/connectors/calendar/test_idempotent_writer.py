"""An event is there once, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.errors import UpstreamError
from pisovereign.outbound.breakers import Breakers
from tests.connectors.calendar.conftest import OWNER, Opened
from tests.connectors.calendar.lossy import Fate, LossyProxy
from tests.connectors.calendar.radicale import Radicale
from tests.connectors.calendar.test_source import DENTIST
from tests.support.patience import PATIENCE_S


class Way:
    """A calendar of its own behind a proxy."""

    def __init__(self, server: Radicale, opened: Opened) -> None:
        self.proxy = LossyProxy(server.port)
        self.server = server
        self.name = f"c{uuid.uuid4().hex}"
        server.make_calendar(self.name)
        self.opened = opened
        self.uid = f"{uuid.uuid4()}@pisovereign"

    def calendar(self, limit_s: float = 20.0) -> CalDavCalendar:
        return self.opened.calendar(url=self.proxy.url, default_calendar=self.name, limit_s=limit_s)

    def create(self, limit_s: float = 20.0) -> None:
        asyncio.run(self.calendar(limit_s).create(OWNER, DENTIST, self.uid))

    def there(self) -> int:
        return len(self.server.objects(self.name))


@pytest.fixture
def way(plain: Radicale, opened: Opened) -> Iterator[Way]:
    made = Way(plain, opened)
    yield made
    made.proxy.close()


@pytest.mark.parametrize("fate", ["lose request", "lose answer"])
@pytest.mark.parametrize("method", ["PUT", "PROPFIND"])
def test_one_loss_is_made_good(way: Way, fate: Fate, method: str) -> None:
    way.proxy.lose(fate, method, 1)
    way.create()
    assert way.there() == 1


def test_an_answer_that_was_lost_is_looked_up_and_nothing_is_sent_again(way: Way) -> None:
    calendar = way.calendar()
    asyncio.run(calendar.check())
    way.proxy.lose("lose answer", "PUT", 10)
    asyncio.run(calendar.create(OWNER, DENTIST, way.uid))
    assert way.proxy.passed.count("PUT") == 1
    assert way.there() == 1


def test_a_server_that_stores_but_is_too_slow_to_say_so(way: Way) -> None:
    way.proxy.lose("hold answer", "PUT", 10)
    way.create(limit_s=12.0)  # a fifth of it is for finding out what became of it
    assert way.there() == 1


def test_what_nobody_knows_is_said_and_may_be_tried_again(way: Way) -> None:
    asyncio.run(way.calendar().check())
    lost = False

    def fate(method: str) -> Fate:
        nonlocal lost
        lost = lost or method == "PUT"
        return "lose answer" if lost else "pass"

    way.proxy.fate = fate
    with pytest.raises(UpstreamError, match="not known whether the calendar was changed"):
        way.create()
    assert way.there() == 1
    way.proxy.fate = lambda _: "pass"
    way.create()
    assert way.there() == 1


def test_a_server_that_is_given_a_pause_meanwhile_leaves_it_unknown(way: Way) -> None:
    calendar = way.opened.calendar(
        url=way.proxy.url, default_calendar=way.name, breakers=Breakers(failures=1)
    )
    asyncio.run(calendar.check())
    way.proxy.lose("lose answer", "PUT", 1)
    with pytest.raises(UpstreamError, match="not known whether the calendar was changed"):
        asyncio.run(calendar.create(OWNER, DENTIST, way.uid))
    assert way.there() == 1


def test_what_was_never_sent_is_known_not_to_be_there(way: Way) -> None:
    calendar = way.calendar()
    asyncio.run(calendar.check())
    way.proxy.close()
    with pytest.raises(UpstreamError) as failed:
        asyncio.run(calendar.create(OWNER, DENTIST, way.uid))
    assert "not known" not in failed.value.message
    assert way.there() == 0


def test_many_at_the_same_time_are_one(way: Way) -> None:
    async def all_at_once() -> None:
        calendars = [way.calendar() for _ in range(8)]
        await asyncio.gather(*(c.create(OWNER, DENTIST, way.uid) for c in calendars))

    asyncio.run(all_at_once())
    assert way.there() == 1


def test_whoever_leaves_does_not_stop_it(way: Way) -> None:
    async def leave() -> None:
        calendar = way.calendar()
        way.proxy.lose("hold answer", "PUT", 1)
        creating = asyncio.create_task(calendar.create(OWNER, DENTIST, way.uid))
        assert await asyncio.to_thread(way.proxy.answered.wait, PATIENCE_S)
        creating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await creating
        assert calendar.busy

    asyncio.run(leave())
    assert way.there() == 1
