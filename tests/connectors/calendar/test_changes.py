"""Events are changed and deleted as they were shown, or not at all."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.connectors.calendar.objects import event_id
from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.connectors.calendar.types import CalendarEvent, Edit, EventChange
from pisovereign.errors import Conflict, NotConfigured, NotFound, ValidationFailed
from tests.connectors.calendar.conftest import OWNER, Opened, fixture_text
from tests.connectors.calendar.lossy import Fate, LossyProxy
from tests.connectors.calendar.radicale import NAME, Radicale
from tests.connectors.calendar.test_source import day, listed
from tests.connectors.ical.test_occurrences import event

MARCH = (day(2026, 3, 1), day(2026, 4, 1))
MEETING = event(
    "DTSTART;TZID=Romance Standard Time:20260310T100000",
    "DTEND;TZID=Romance Standard Time:20260310T113000",
    "SEQUENCE:4",
    "CATEGORIES:Arbeit",
    "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT15M",
    "DESCRIPTION:x",
    "END:VALARM",
).replace("SUMMARY:x", "SUMMARY:Meeting")


class Way:
    """A calendar with one event, behind a proxy."""

    def __init__(self, server: Radicale, opened: Opened, text: str = MEETING) -> None:
        self.server = server
        self.name = f"c{uuid.uuid4().hex}"
        server.make_calendar(self.name)
        server.add(self.name, "meeting", text)
        self.proxy = LossyProxy(server.port)
        self.calendar: CalDavCalendar = opened.calendar(url=self.proxy.url, calendars=(self.name,))

    def prepare(self, *, delete: bool = False, **fields: Any) -> EventChange:
        edit = Edit(mark=str(uuid.uuid4()), at=dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC), **fields)
        (listed_event,) = self.listed()
        assert listed_event.id is not None
        prepared = self.calendar.prepare(OWNER, listed_event.id, edit, delete=delete)
        return asyncio.run(prepared)

    def make(self, change: EventChange) -> None:
        assert asyncio.run(self.calendar.change(OWNER, change)) == self.name

    def listed(self) -> list[CalendarEvent]:
        return listed(self.calendar, *MARCH)

    def text(self) -> str:
        (text,) = self.server.objects(self.name)
        return text.replace("\r\n ", "")

    def change_elsewhere(self) -> None:
        path = f"{NAME}/{self.name}/meeting.ics"
        changed = self.text().replace("SUMMARY:", "SUMMARY:Important ")
        assert self.server.request("PUT", path, data=changed.encode()).ok


@pytest.fixture
def way(plain: Radicale, opened: Opened) -> Iterator[Way]:
    made = Way(plain, opened)
    yield made
    made.proxy.close()


def test_an_event_is_moved_and_keeps_its_length_and_everything_else(way: Way) -> None:
    change = way.prepare(start=dt.datetime(2026, 3, 31, 13, tzinfo=dt.UTC))
    assert change.after is not None
    assert (change.before.time, change.after.time) == ("10:00", "15:00")
    (before,) = way.listed()
    assert before.start.hour == 9  # nothing is done before it is made
    way.make(change)
    (after,) = way.listed()
    assert (after.title, after.time) == ("Meeting", "15:00")
    assert after.end - after.start == dt.timedelta(minutes=90)
    text = way.text()
    assert "DTSTART;TZID=Europe/Berlin:20260331T150000" in text
    for kept in ("UID:x", "CATEGORIES:Arbeit", "BUSYSTATUS:BUSY", "TRIGGER:-PT15M"):
        assert kept in text
    assert "SEQUENCE:5" in text


def test_title_and_place_are_changed_and_the_time_stays(way: Way) -> None:
    change = way.prepare(title="Treffen, Süd", location="Raum 1; links")
    way.make(change)
    (after,) = way.listed()
    assert (after.title, after.location, after.time) == ("Treffen, Süd", "Raum 1; links", "10:00")
    assert "Romance Standard Time:20260310T100000" in way.text()


def test_an_event_is_deleted(way: Way) -> None:
    change = way.prepare(delete=True)
    way.make(change)
    assert way.server.objects(way.name) == []
    way.make(change)  # what is gone is gone


@pytest.mark.parametrize("delete", [False, True])
def test_what_somebody_changed_meanwhile_is_left_alone(way: Way, delete: bool) -> None:
    change = way.prepare(title="Mine", delete=delete)
    way.change_elsewhere()
    with pytest.raises(Conflict, match="changed meanwhile; nothing was done"):
        asyncio.run(way.calendar.change(OWNER, change))
    (left,) = way.listed()
    assert left.title == "Important Meeting"


def test_an_event_that_was_deleted_meanwhile_does_not_come_back(way: Way) -> None:
    change = way.prepare(title="Mine")
    assert way.server.request("DELETE", f"{NAME}/{way.name}/meeting.ics").ok
    with pytest.raises(Conflict):
        asyncio.run(way.calendar.change(OWNER, change))
    assert way.listed() == []


@pytest.mark.parametrize("fate", ["lose request", "lose answer"])
@pytest.mark.parametrize(("method", "delete"), [("PUT", False), ("DELETE", True)])
def test_a_loss_is_made_good(way: Way, fate: Fate, method: str, delete: bool) -> None:
    change = way.prepare(title="Mine", delete=delete)
    way.proxy.lose(fate, method, 1)
    way.make(change)
    assert [e.title for e in way.listed()] == ([] if delete else ["Mine"])


def test_a_change_that_is_made_again_is_made_once(way: Way) -> None:
    change = way.prepare(title="Mine")
    way.make(change)
    way.make(change)
    assert "SEQUENCE:5" in way.text()
    way.change_elsewhere()
    way.make(change)  # it was made, and then somebody went on from there
    (left,) = way.listed()
    assert left.title == "Important Mine"


def test_what_recurs_is_not_changed_here(plain: Radicale, opened: Opened) -> None:
    recurring = Way(plain, opened, fixture_text("outlook_series"))
    assert {e.id for e in recurring.listed()} == {None}
    name = event_id(f"/{NAME}/{recurring.name}/meeting.ics")
    edit = Edit(mark="m", at=dt.datetime.now(dt.UTC), title="Mine")
    with pytest.raises(ValidationFailed) as refused:
        asyncio.run(recurring.calendar.prepare(OWNER, name, edit))
    assert "recurs" in refused.value.fields[0]["error"]
    recurring.proxy.close()


def test_an_event_cannot_end_before_it_starts(way: Way) -> None:
    with pytest.raises(ValidationFailed):
        way.prepare(end=dt.datetime(2026, 3, 10, 8, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "path",
    ["/", "/alice/", "/alice/other/meeting.ics", "/alice/{name}/", "/alice/{name}/../x/y.ics",
     "/alice/{name}/no.ics", "https://evil.example/alice/{name}/meeting.ics", "\0"],
)  # fmt: skip
def test_other_ids_name_nothing(way: Way, path: str) -> None:
    edit = Edit(mark="m", at=dt.datetime.now(dt.UTC), title="Mine")
    for name in (event_id(path.replace("{name}", way.name)), "%%%", "x" * 5000, "gw"):
        with pytest.raises(NotFound):
            asyncio.run(way.calendar.prepare(OWNER, name, edit))


def test_nobody_else_changes_them(way: Way) -> None:
    change = way.prepare(title="Mine")
    stranger = uuid.uuid4()
    with pytest.raises(NotConfigured):
        asyncio.run(way.calendar.change(stranger, change))
    edit = Edit(mark="m", at=dt.datetime.now(dt.UTC), title="Mine")
    with pytest.raises(NotConfigured):
        asyncio.run(way.calendar.prepare(stranger, change.id, edit))
