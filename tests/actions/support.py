"""Backends that answer what a test gives them, after a while, or fail."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.backends import Backends
from pisovereign.actions.caller import Caller
from pisovereign.actions.registry import COMMANDS, build_actions
from pisovereign.actions.service import ActionService, Approvals
from pisovereign.api_keys import Identity
from pisovereign.approvals.types import Approval
from pisovereign.catalog.types import CatalogRun, Execution, PreparedRun
from pisovereign.connectors.calendar.contact_types import Contact, ContactValue
from pisovereign.connectors.calendar.task_types import (
    NewTask,
    Task,
    TaskChange,
    TaskEdit,
)
from pisovereign.connectors.calendar.types import (
    CalendarEvent,
    Edit,
    EventChange,
    NewEvent,
)
from pisovereign.connectors.email.composer import MailFields
from pisovereign.connectors.email.types import Mail, MailSummary, OutgoingMail
from pisovereign.connectors.home_assistant.types import (
    Area,
    HomePolicy,
    House,
    ServiceCall,
    Thing,
)
from pisovereign.connectors.waste.types import Collection
from pisovereign.connectors.weather.types import Weather
from pisovereign.connectors.web.types import NoPages, WebPage, WebResult
from pisovereign.documents.types import DocumentSearch, FoundPassage
from pisovereign.errors import NotConfigured, NotFound, UpstreamError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.lists.names import read_name
from pisovereign.lists.service import Added
from pisovereign.lists.types import ListItem, ListSummary, UserList
from pisovereign.memory.types import CreatedMemory, FoundMemory, Memory, SearchQuery
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder, ReminderPatch

BERLIN = ZoneInfo("Europe/Berlin")
CALLER = Caller(Identity(uuid.UUID(int=1), frozenset(("user",))), "en")


def utc(text: str) -> dt.datetime:
    """`2026-02-07 09:00` in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


WEATHER = Weather(
    text="15°C, partly cloudy",
    location="Berlin",
    temperature_c=15.2,
    observed_at=utc("2026-02-07 06:45"),
)
STANDUP = CalendarEvent(
    time="09:00",
    title="Team standup",
    start=utc("2026-02-07 08:00"),
    end=utc("2026-02-07 08:15"),
    calendar="work",
)
HOLIDAY = CalendarEvent(
    time=None,
    title="Carnival",
    start=utc("2026-02-06 23:00"),
    end=utc("2026-02-07 23:00"),
    all_day=True,
)
MAIL = Mail(
    id="1",
    sender="Ada <ada@example.org>",
    subject="Numbers",
    headline="Ada: Numbers",
    preview="Hello, here are the numbers of",
    received_at=utc("2026-02-07 05:00"),
    unread=True,
    important=False,
)
INBOX = MailSummary(unread=5, important=2, mails=[MAIL])

FACT = Memory(
    id=uuid.UUID("7d444840-9dc0-41d1-b245-5ffdce74fad2"),
    content="The spare key is under the pot.",
    summary="The spare key is under the pot.",
    memory_type="Fact",
    importance=0.8,
    access_count=0,
    tags=[],
    created_at=utc("2026-02-07 10:30"),
    updated_at=utc("2026-02-07 10:30"),
)
REMINDER = Reminder(
    id=uuid.UUID("5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f"),
    title="Call Ada",
    status="scheduled",
    remind_at=utc("2099-12-24 17:00"),
    due_at=None,
    snoozes=0,
    snoozes_left=5,
    created_at=utc("2026-02-07 10:30"),
    updated_at=utc("2026-02-07 10:30"),
)
EXECUTION = Execution(
    id="default-disk-free",
    status="completed",
    exit_code=0,
    stdout="Filesystem  Size  Used\n/dev/root    29G  4.1G\n",
    stderr="",
    truncated=False,
    duration_ms=4,
    executed_at=utc("2026-02-07 07:00"),
    argv=("df", "-h"),
)

Before = Callable[[], Awaitable[object]]


async def at_once() -> None:
    """Do not wait."""


async def a_minute() -> None:
    """Wait for longer than a test does."""
    await asyncio.sleep(60)


class FakeWeather:
    """Gives `answer`, or raises it, once `before` is over."""

    def __init__(self, answer: Weather | Exception = WEATHER, before: Before = at_once) -> None:
        self._answer, self._before = answer, before
        self.asked: list[tuple[str | None, Language]] = []

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        self.asked.append((location, language))
        await self._before()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def zone(self, location: str, language: Language) -> str:
        if location != "Little Snoring":
            raise ValidationFailed([{"field": "location", "error": "is not a place"}])
        return "Europe/London"


class FakeCalendar:
    """The same for a calendar."""

    def __init__(self, answer: list[CalendarEvent] | Exception, before: Before = at_once) -> None:
        self._answer, self._before = answer, before
        self.asked: list[tuple[uuid.UUID, dt.datetime, dt.datetime]] = []

    async def events(
        self, user: uuid.UUID, start: dt.datetime, end: dt.datetime
    ) -> list[CalendarEvent]:
        self.asked.append((user, start, end))
        await self._before()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def require(self, user: uuid.UUID, event: NewEvent) -> None:
        pass

    async def create(self, user: uuid.UUID, event: NewEvent, uid: str) -> CalendarEvent:
        raise AssertionError("nothing is created in these tests")


class FakeEditor:
    """Prepares changes of events that have an id."""

    def __init__(self, *events: CalendarEvent) -> None:
        self._events = {event.id: event for event in events}
        self.made: list[EventChange] = []

    async def prepare(
        self, user: uuid.UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> EventChange:
        before = self._events[event]
        start = edit.start or before.start
        after = msgspec.structs.replace(
            before, start=start, end=edit.end or start + (before.end - before.start)
        )
        return EventChange(
            id=event,
            calendar="work",
            url="https://dav.example.org/work/1.ics",
            etag="1",
            mark=edit.mark,
            before=before,
            after=None if delete else after,
        )

    async def change(self, user: uuid.UUID, change: EventChange) -> str:
        self.made.append(change)
        return change.calendar


TASK = Task(
    title="Tax return",
    due=utc("2026-05-30 22:00"),
    whole_day=True,
    list="Tasks",
    id="L2FsaWNlL3Rhc2tzL3RheC5pY3M",
)


class FakeTasks:
    """Tasks in a list."""

    def __init__(self, *tasks: Task) -> None:
        self.known = list(tasks)
        self.made: list[Any] = []

    async def keeps_tasks(self, user: uuid.UUID) -> bool:
        return True

    async def tasks(self, user: uuid.UUID, *, done: bool = False) -> list[Task]:
        return self.known

    async def add_task(self, user: uuid.UUID, task: NewTask, uid: str) -> Task:
        self.made.append((user, task, uid))
        return Task(title=task.title, due=task.due, whole_day=task.whole_day, list="Tasks")

    async def prepare_task(self, user: uuid.UUID, task: str, edit: TaskEdit) -> TaskChange:
        before = next(one for one in self.known if one.id == task)
        return TaskChange(
            id=task,
            list="Tasks",
            url="https://dav.example.org/tasks/1.ics",
            etag="1",
            mark=edit.mark,
            before=before,
            after=msgspec.structs.replace(before, done=bool(edit.done)),
            text="BEGIN:VCALENDAR",
        )

    async def change_task(self, user: uuid.UUID, change: TaskChange) -> str:
        self.made.append(change)
        return change.list


ANNA = Contact(
    name="Anna Schmidt",
    id="L2FsaWNlL2ZyaWVuZHMvYW5uYS52Y2Y",
    emails=[ContactValue(value="anna@example.org", label="home")],
    phones=[ContactValue(value="+49 151 2345678", label="cell")],
    birthday="1980-05-17",
    book="Friends",
)


class FakeContacts:
    """Contacts in a list."""

    def __init__(self, *known: Contact) -> None:
        self.known = list(known)

    async def contacts(self, user: uuid.UUID) -> list[Contact]:
        return self.known


RESULT = WebResult(
    title="Sourdough for beginners",
    url="https://bread.example/sourdough",
    host="bread.example",
    snippet="Flour, water and time.",
)
PAGE = WebPage(
    title="Sourdough",
    url="https://bread.example/sourdough",
    host="bread.example",
    text="Flour, water and time.\nFeed it every day.",
    is_cut=False,
)


class FakeWeb:
    """A search and pages with one answer each."""

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        return [RESULT]

    async def read(self, url: str, language: Language) -> WebPage:
        return PAGE


class FakeMail:
    """The same for an inbox."""

    def __init__(self, answer: MailSummary | Exception = INBOX, before: Before = at_once) -> None:
        self._answer, self._before = answer, before
        self.asked: list[tuple[uuid.UUID, int]] = []

    async def summary(self, user: uuid.UUID, count: int) -> MailSummary:
        self.asked.append((user, count))
        await self._before()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class FakeReminders:
    """Reminders in a list."""

    def __init__(self, *listed: Reminder) -> None:
        self.listed = list(listed)

    async def create(
        self, user: uuid.UUID, new: NewReminder, identifier: uuid.UUID | None = None
    ) -> Reminder:
        made = msgspec.structs.replace(
            REMINDER,
            id=identifier or (uuid.uuid4() if self.listed else REMINDER.id),
            title=new.title,
            remind_at=new.remind_at,
            kind=new.kind,
            repeat=new.repeat,
            sound=new.kind != "reminder" if new.sound is None else new.sound,
            created_at=dt.datetime.now(dt.UTC) if new.kind == "timer" else REMINDER.created_at,
        )
        self.listed.append(made)
        return made

    async def find(self, user: uuid.UUID, reminder: uuid.UUID) -> Reminder | None:
        return next((known for known in self.listed if known.id == reminder), None)

    async def page(self, user: uuid.UUID, query: ListQuery) -> tuple[list[Reminder], int]:
        found = [
            known
            for known in sorted(self.listed, key=lambda known: known.remind_at)
            if query.kind in (None, known.kind)
            and (query.start is None or known.remind_at >= query.start)
            and (query.end is None or known.remind_at < query.end)
        ]
        return found[: query.limit], len(found)

    async def change(self, user: uuid.UUID, reminder: uuid.UUID, patch: ReminderPatch) -> Reminder:
        known = await self.find(user, reminder)
        assert known is not None
        moved = msgspec.structs.replace(
            known, remind_at=patch.remind_at or known.remind_at, status="scheduled"
        )
        self.listed[self.listed.index(known)] = moved
        return moved

    async def snooze(self, user: uuid.UUID, reminder: uuid.UUID, minutes: int | None) -> Reminder:
        known = await self.find(user, reminder)
        assert known is not None
        later = msgspec.structs.replace(
            known,
            remind_at=known.remind_at + dt.timedelta(minutes=minutes or 15),
            status="scheduled",
            snoozes=known.snoozes + 1,
            snoozes_left=known.snoozes_left - 1,
        )
        self.listed[self.listed.index(known)] = later
        return later

    async def delete(self, user: uuid.UUID, reminder: uuid.UUID) -> None:
        known = await self.find(user, reminder)
        if known is None:
            raise NotFound("No such reminder")
        self.listed.remove(known)

    async def end_series(self, user: uuid.UUID, series: uuid.UUID) -> None:
        self.listed = [known for known in self.listed if known.series_id != series]


NOW = utc("2026-02-07 10:30")
SHOPPING = UserList(
    id=uuid.UUID("0e9d5f7a-54e2-4b0b-8b5c-8f1f9a3c2d1f"),
    name="shopping list",
    key="shopping",
    items=[
        ListItem(
            id=uuid.UUID("0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11"),
            text="Milk",
            done=False,
            created_at=NOW,
        )
    ],
    created_at=NOW,
    updated_at=NOW,
)


class FakeLists:
    """Lists in a list."""

    def __init__(self, *known: UserList) -> None:
        self.known = list(known)

    async def lists(self, user: uuid.UUID) -> list[ListSummary]:
        return [
            ListSummary(
                id=one.id,
                name=one.name,
                key=one.key,
                items=len(one.items),
                open=len(one.items),
                created_at=NOW,
                updated_at=NOW,
            )
            for one in self.known
        ]

    async def get(self, user: uuid.UUID, list_id: uuid.UUID) -> UserList:
        return next(one for one in self.known if one.id == list_id)

    async def find(self, user: uuid.UUID, name: str) -> UserList | None:
        wanted = read_name(name)
        return next(
            (
                one
                for one in self.known
                if read_name(one.name) == wanted or (one.key and one.key == wanted.key)
            ),
            None,
        )

    async def create(self, user: uuid.UUID, name: str) -> tuple[UserList, bool]:
        found = await self.find(user, name)
        if found is not None:
            return found, False
        identifier = SHOPPING.id if not self.known else uuid.uuid4()
        made = msgspec.structs.replace(
            SHOPPING, id=identifier, name=name, key=read_name(name).key, items=[]
        )
        self.known.append(made)
        return made, True

    async def add(self, user: uuid.UUID, name: str, texts: Sequence[str]) -> Added:
        one, _ = await self.create(user, name)
        there = {item.text for item in one.items}
        new = tuple(text for text in texts if text not in there)
        first = SHOPPING.items[0]
        added = [
            msgspec.structs.replace(
                first, id=uuid.uuid4() if one.items or text != new[0] else first.id, text=text
            )
            for text in new
        ]
        return Added(
            self._put(one, [*one.items, *added]), new, tuple(t for t in texts if t in there)
        )

    async def remove(
        self, user: uuid.UUID, list_id: uuid.UUID, items: Sequence[uuid.UUID]
    ) -> UserList:
        one = await self.get(user, list_id)
        return self._put(one, [item for item in one.items if item.id not in items])

    async def delete(self, user: uuid.UUID, list_id: uuid.UUID) -> None:
        self.known.remove(await self.get(user, list_id))

    def _put(self, one: UserList, items: list[ListItem]) -> UserList:
        new = msgspec.structs.replace(one, items=items)
        self.known[self.known.index(one)] = new
        return new


class FakeComposer:
    """Composes mails of one sender."""

    async def compose(self, user: uuid.UUID, fields: MailFields, *, draft: bool) -> OutgoingMail:
        return OutgoingMail(
            sender="ada@example.org",
            to=[fields.to or ""],
            subject=fields.subject or "",
            text=fields.body,
        )


class FakeApprovals:
    """Takes down what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.keys: list[Identity] = []

    async def request(
        self,
        identity: Identity,
        kind: str,
        title: str,
        payload: Any,
        approval: uuid.UUID | None = None,
    ) -> Approval:
        self.asked.append((kind, title, payload))
        self.keys.append(identity)
        return Approval(
            id=uuid.UUID("0e9d5f7a-54e2-4b0b-8b5c-8f1f9a3c2d1e"),
            kind=kind,
            title=title,
            details=payload,
            status="pending",
            requested_by="",
            created_at=utc("2026-02-07 10:30"),
            expires_at=utc("2026-02-07 11:00"),
        )


class FakeCatalog:
    """Executes everything the same way."""

    limit_s = 5.0

    def __init__(
        self, answer: Execution | Exception = EXECUTION, *, requires_approval: bool = False
    ) -> None:
        self._answer = answer
        self._requires_approval = requires_approval
        self.executed: list[CatalogRun] = []

    async def bind(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> PreparedRun:
        run = CatalogRun(
            catalog_id=command, name=command, argv=("true",), network=False, privileged=False
        )
        return PreparedRun(run, "true", self._requires_approval)

    async def execute(self, identity: Identity, prepared: PreparedRun) -> Execution:
        return await self.execute_approved(identity.user_id, prepared.run)

    async def execute_approved(self, user: uuid.UUID, run: CatalogRun) -> Execution:
        self.executed.append(run)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class NoPlace:
    """The weather, with no place configured."""

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        raise NotConfigured("The weather", "weather.location")

    async def zone(self, location: str, language: Language) -> str:
        raise UpstreamError("The weather service does not answer")


class FakeWaste:
    """A town's calendar with some collections, all of which are to come."""

    def __init__(self, *collections: Collection) -> None:
        self._collections = sorted(collections, key=lambda each: each.start)

    async def collections(
        self, user: uuid.UUID, start: dt.datetime, end: dt.datetime
    ) -> list[Collection]:
        return self._collections


class NoSummaries:
    async def summarize(self, user: uuid.UUID, title: str, text: str, language: Language) -> None:
        return None


class NoWaste:
    """The waste collection, with no calendar configured."""

    async def collections(
        self, user: uuid.UUID, start: dt.datetime, end: dt.datetime
    ) -> list[Collection]:
        raise NotConfigured("The waste collection", "waste.url")


class FakeDocuments:
    """Passages, all of which answer each question."""

    def __init__(self, *found: FoundPassage) -> None:
        self.found = list(found)

    async def search(self, user: uuid.UUID, query: DocumentSearch) -> list[FoundPassage]:
        return self.found[: query.limit]


class FakeMemories:
    """Memories in a list, all of which answer each question."""

    def __init__(self, *known: Memory) -> None:
        self.known = list(known)

    async def search(self, user: uuid.UUID, query: SearchQuery) -> list[FoundMemory]:
        return []

    async def remember(self, user: uuid.UUID, statement: str) -> CreatedMemory:
        self.known.append(msgspec.structs.replace(FACT, content=statement, summary=statement))
        return CreatedMemory(**msgspec.structs.asdict(self.known[-1]), merged=False)

    async def facts(
        self, user: uuid.UUID, question: str | None, limit: int = 20
    ) -> tuple[list[Memory], int]:
        return self.known[:limit], len(self.known)

    async def get(self, user: uuid.UUID, memory: uuid.UUID) -> Memory:
        for known in self.known:
            if known.id == memory:
                return known
        raise NotFound("No such memory")

    async def delete(self, user: uuid.UUID, memory: uuid.UUID) -> None:
        self.known.remove(await self.get(user, memory))


PAPER = Collection(title="Paper bin", start=utc("2026-12-09 23:00"))
LAMP = Thing(
    id="light.kitchen",
    kind="light",
    name="Kitchen lamp",
    area=Area("kitchen", "Kitchen", ("Küche",)),
    state="on",
)
DOOR = Thing(id="lock.front", kind="lock", name="Front door", state="locked")


class FakeHome:
    """A house in which lights may be switched without an approval; what is called is kept."""

    def __init__(self, *things: Thing, most: int = 8) -> None:
        areas = {thing.area.id: thing.area for thing in things if thing.area}
        self.here = House(things, tuple(areas.values()))
        self.most = most
        self.called: list[ServiceCall] = []

    def is_set_up(self, user: uuid.UUID) -> bool:
        return True

    def policy(self, user: uuid.UUID) -> HomePolicy:
        return HomePolicy(frozenset(("light", "lock")), frozenset(("light.pump",)), self.most)

    async def house(self, user: uuid.UUID) -> House:
        return self.here

    async def call(self, user: uuid.UUID, calls: tuple[ServiceCall, ...]) -> None:
        self.called += calls

    async def items(self, user: uuid.UUID, entity: str) -> tuple[str, ...]:
        return ()


class NotSetUp:
    """A service outside, with nothing configured: asked for anything, it says so."""

    def __init__(self, title: str, setting: str) -> None:
        self._missing = (title, setting)

    def __getattr__(self, name: str) -> Any:
        async def asked(*_: Any, **__: Any) -> Any:
            raise NotConfigured(*self._missing)

        return asked


class _NoTasks(NotSetUp):
    async def keeps_tasks(self, user: uuid.UUID) -> bool:
        return False


class _NoCalendar(NotSetUp):
    def require(self, user: uuid.UUID, event: NewEvent) -> None:
        raise NotConfigured(*self._missing)


NO_CALENDAR: Any = _NoCalendar("The calendar", "caldav.url")
NO_TASKS: Any = _NoTasks("The calendar", "caldav.url")
NO_CONTACTS: Any = NotSetUp("The address book", "caldav.url")
NO_SEARCH: Any = NotSetUp("Web search", "search.url")
NO_MAIL: Any = NotSetUp("Mail", "email.imap_host")


def backends(**given: Any) -> Backends:
    """The backends given; the others are not configured, and there is no reminder."""
    defaults: dict[str, Any] = {
        "commands": COMMANDS,
        "weather": NoPlace(),
        "waste": NoWaste(),
        "home": FakeHome(),
        "calendar": NO_CALENDAR,
        "event_editor": None,
        "tasks": NO_TASKS,
        "contacts": NO_CONTACTS,
        "web_search": NO_SEARCH,
        "pages": NoPages(),
        "summaries": NoSummaries(),
        "mail": NO_MAIL,
        "composer": FakeComposer(),
        "sender": None,
        "drafter": None,
        "reminders": FakeReminders(),
        "lists": FakeLists(),
        "catalog": FakeCatalog(),
        "memories": FakeMemories(),
        "documents": FakeDocuments(),
        "zones": lambda _: BERLIN,
        "briefing_limit_s": 5.0,
        "calendar_limit_s": 5.0,
    }
    return Backends(**(defaults | given))


def service(approvals: Approvals | None = None, **given: Any) -> ActionService:
    """Every action, with these backends."""
    return ActionService(
        build_actions(backends(**given)), approvals or FakeApprovals(), lambda _: BERLIN
    )
