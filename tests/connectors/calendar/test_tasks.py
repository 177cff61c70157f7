"""Tasks on a real server: read, added once, changed as they were shown, or not at all."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator

import pytest

from pisovereign.connectors.calendar.objects import event_id
from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskChange, TaskEdit
from pisovereign.errors import Conflict, NotConfigured, NotFound, UpstreamError, ValidationFailed
from tests.connectors.calendar.conftest import OWNER, Opened
from tests.connectors.calendar.lossy import LossyProxy
from tests.connectors.calendar.radicale import NAME, Radicale
from tests.connectors.calendar.test_source import DENTIST

AT = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def todo(*lines: str) -> str:
    """An object with one task, as a program for tasks writes it."""
    body = "\r\n".join(("UID:x", "DTSTAMP:20260301T080000Z", "SUMMARY:Tax return", *lines))
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nBEGIN:VTODO\r\n"
        f"{body}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )


class Way:
    """A list of tasks behind a proxy."""

    def __init__(self, server: Radicale, opened: Opened) -> None:
        self.server = server
        self.name = f"t{uuid.uuid4().hex}"
        server.make_calendar(self.name, components=("VTODO",))
        self.proxy = LossyProxy(server.port)
        self.calendar: CalDavCalendar = opened.calendar(url=self.proxy.url, task_lists=(self.name,))

    def listed(self, *, done: bool = False) -> list[Task]:
        return asyncio.run(self.calendar.tasks.tasks(OWNER, done=done))

    def add(self, title: str, uid: str, due: dt.datetime | None = None) -> Task:
        return asyncio.run(self.calendar.tasks.add_task(OWNER, NewTask(title=title, due=due), uid))

    def prepare(self, **fields: object) -> TaskChange:
        edit = TaskEdit(mark=str(uuid.uuid4()), at=AT, **fields)  # type: ignore[arg-type]
        (task,) = self.listed(done=True)
        assert task.id is not None
        return asyncio.run(self.calendar.tasks.prepare_task(OWNER, task.id, edit))

    def make(self, change: TaskChange) -> None:
        assert asyncio.run(self.calendar.tasks.change_task(OWNER, change)) == self.name

    def text(self) -> str:
        (text,) = self.server.objects(self.name)
        return text.replace("\r\n ", "")


@pytest.fixture
def way(plain: Radicale, opened: Opened) -> Iterator[Way]:
    made = Way(plain, opened)
    yield made
    made.proxy.close()


def test_tasks_are_listed_by_when_they_are_due(way: Way) -> None:
    way.server.add(way.name, "a", todo("DUE:20260401T100000Z", "STATUS:IN-PROCESS"))
    whole = todo("DUE;VALUE=DATE:20260310").replace("Tax return", "Rent").replace("UID:x", "UID:y")
    way.server.add(way.name, "b", whole)
    way.server.add(way.name, "c", todo().replace("Tax return", "Paint").replace("UID:x", "UID:z"))
    done = todo("STATUS:COMPLETED", "COMPLETED:20260302T080000Z")
    way.server.add(way.name, "d", done.replace("Tax return", "Past").replace("UID:x", "UID:w"))
    cancelled = todo("STATUS:CANCELLED").replace("UID:x", "UID:v")
    way.server.add(way.name, "e", cancelled)
    assert [(t.title, t.whole_day, t.list, t.done) for t in way.listed()] == [
        ("Rent", True, way.name, False),
        ("Tax return", False, way.name, False),
        ("Paint", False, way.name, False),
    ]
    assert way.listed()[0].due == dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC)
    assert [t.title for t in way.listed(done=True)] == ["Rent", "Tax return", "Paint", "Past"]


def test_what_is_broken_costs_nothing_but_itself(way: Way) -> None:
    way.server.add(way.name, "a", todo())
    path = way.server.inside(way.name) / "broken.ics"
    path.write_text(todo("DUE:never").replace("UID:x", "UID:b"))
    titles = [task.title for task in way.listed()]
    assert titles.count("Tax return") >= 1


def test_a_task_is_added_once_although_the_answer_is_lost(way: Way) -> None:
    uid = str(uuid.uuid4())
    way.proxy.lose("lose answer", "PUT", 1)
    made = way.add("Call the plumber", uid, dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC))
    assert made.list == way.name
    assert way.add("Call the plumber", uid) == Task(title="Call the plumber", list=way.name)
    assert [t.title for t in way.listed()] == ["Call the plumber"]
    assert "DUE;TZID=Europe/Berlin:20260310T170000" in way.text()


def test_a_task_is_completed_and_keeps_everything_else(way: Way) -> None:
    way.server.add(way.name, "a", todo("CATEGORIES:Money", "PRIORITY:1", "SEQUENCE:4"))
    change = way.prepare(done=True)
    assert (change.before.done, change.after.done) == (False, True)
    way.make(change)
    text = way.text()
    for line in ("CATEGORIES:Money", "PRIORITY:1", "STATUS:COMPLETED", "PERCENT-COMPLETE:100"):
        assert line in text
    assert "SEQUENCE:5" in text
    assert "COMPLETED:20260305T080000Z" in text
    assert way.listed() == []
    # Once more, after a restart: it is made already.
    way.make(change)
    assert way.text() == text


def test_a_task_that_was_changed_elsewhere_is_left_alone(way: Way) -> None:
    way.server.add(way.name, "a", todo())
    change = way.prepare(done=True)
    path = f"{NAME}/{way.name}/a.ics"
    changed = todo().replace("Tax return", "Tax return 2027")
    assert way.server.request("PUT", path, data=changed.encode()).ok
    with pytest.raises(Conflict):
        way.make(change)
    assert "STATUS:COMPLETED" not in way.text()
    assert "Tax return 2027" in way.text()


def test_a_change_whose_answer_is_lost_is_made_once(way: Way) -> None:
    way.server.add(way.name, "a", todo("SEQUENCE:1"))
    change = way.prepare(title="Tax return 2027", due=AT, whole_day=True)
    way.proxy.lose("lose answer", "PUT", 1)
    way.make(change)
    assert "SEQUENCE:2" in way.text()
    assert "DUE;VALUE=DATE:20260305" in way.text()


def test_what_recurs_is_changed_elsewhere(way: Way) -> None:
    way.server.add(way.name, "a", todo("DTSTART:20260301T080000Z", "RRULE:FREQ=WEEKLY"))
    (task,) = way.listed()
    assert task.id is None
    name = event_id(f"/{NAME}/{way.name}/a.ics")
    edit = TaskEdit(mark="m", at=AT, done=True)
    with pytest.raises(ValidationFailed, match="task_id"):
        asyncio.run(way.calendar.tasks.prepare_task(OWNER, name, edit))


def test_nobody_else_sees_them(way: Way) -> None:
    with pytest.raises(NotConfigured):
        asyncio.run(way.calendar.tasks.tasks(uuid.uuid4()))
    assert not asyncio.run(way.calendar.tasks.keeps_tasks(uuid.uuid4()))


def test_an_event_is_no_task(way: Way, plain: Radicale) -> None:
    edit = TaskEdit(mark="m", at=AT, done=True)
    for name in ("nothing", "L2FsaWNlLw"):
        with pytest.raises(NotFound):
            asyncio.run(way.calendar.tasks.prepare_task(OWNER, name, edit))


def test_a_new_event_goes_to_no_list_of_tasks(plain: Radicale, opened: Opened) -> None:
    tasks, events = f"t{uuid.uuid4().hex}", f"c{uuid.uuid4().hex}"
    plain.make_calendar(tasks, components=("VTODO",))
    plain.make_calendar(events)
    calendar = opened.calendar(url=plain.url, calendars=(tasks, events))
    asyncio.run(calendar.create(OWNER, DENTIST, str(uuid.uuid4())))
    assert (len(plain.objects(tasks)), len(plain.objects(events))) == (0, 1)


def test_an_account_without_lists_keeps_none(plain: Radicale, opened: Opened) -> None:
    plain.make_calendar(f"c{uuid.uuid4().hex}")
    calendar = opened.calendar(url=plain.url, task_lists=("missing",))
    with pytest.raises(UpstreamError, match=r"caldav\.task_lists"):
        asyncio.run(calendar.tasks.tasks(OWNER))


def test_lists_and_calendars_made_later_take_what_is_new(plain: Radicale, opened: Opened) -> None:
    plain.make_calendar(f"t{uuid.uuid4().hex}", components=("VTODO",))
    tasks, events = f"t{uuid.uuid4().hex}", f"c{uuid.uuid4().hex}"
    calendar = opened.calendar(url=plain.url, default_task_list=tasks, default_calendar=events)
    new = NewTask(title="Tax return", due=None)
    for _ in range(2):
        with pytest.raises(UpstreamError, match=tasks):
            asyncio.run(calendar.tasks.add_task(OWNER, new, str(uuid.uuid4())))
    plain.make_calendar(tasks, components=("VTODO",))
    asyncio.run(calendar.tasks.add_task(OWNER, new, str(uuid.uuid4())))
    plain.make_calendar(events)
    asyncio.run(calendar.create(OWNER, DENTIST, str(uuid.uuid4())))
    assert (len(plain.objects(tasks)), len(plain.objects(events))) == (1, 1)
