"""Approvals that an earlier version stored are carried out by this one.

The payloads are what the first released version wrote into the database. They never change: people
have them. A new kind, or a new field, gets a row of its own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import pytest

from pisovereign.actions.backends import NoOutsideTools
from pisovereign.actions.registry import ACTIONS, build_actions, executors
from pisovereign.approvals.types import Approved, Stoppable
from pisovereign.catalog.types import CatalogRun
from pisovereign.connectors.calendar.task_types import NewTask
from pisovereign.connectors.calendar.types import CalendarEvent, EventChange, NewEvent
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.connectors.home_assistant.types import ServiceCall
from pisovereign.connectors.mcp.types import PinnedCall, ToolAnswer
from pisovereign.reminders.types import Reminder
from tests.actions.support import (
    FACT,
    REMINDER,
    SHOPPING,
    FakeCalendar,
    FakeCatalog,
    FakeHome,
    FakeLists,
    FakeMemories,
    FakeReminders,
    FakeTasks,
    backends,
    utc,
)

USER, APPROVAL = UUID(int=1), UUID(int=2)
EVENT = (
    b'{"time":"15:00","title":"Dentist","start":"2030-07-01T13:00:00Z",'
    b'"end":"2030-07-01T14:00:00Z","all_day":false,"location":null,"calendar":"work","id":"abc"}'
)
CHANGE = (
    b'{"id":"abc","calendar":"work","url":"https://dav.example.org/work/1.ics","etag":"\\"1\\"",'
    b'"mark":"m","before":' + EVENT + b',"after":%s,"text":%s}'
)
MAIL = (
    b'{"sender":"a@example.org","to":["bob@example.org"],"subject":"Lunch","text":"See you",'
    b'"in_reply_to":"<1@x>","references":["<0@x>","<1@x>"]}'
)
REBOOT = (
    b'{"catalog_id":"default-reboot","name":"Reboot","argv":["systemctl","reboot"],'
    b'"network":false,"privileged":%s}'
)
TASK = (
    b'{"title":"Tax return","due":"2030-05-30T22:00:00Z","whole_day":true,"done":%s,'
    b'"list":"Tasks","id":"abc"}'
)
TASK_CHANGE = (
    b'{"id":"abc","list":"Tasks","url":"https://dav.example.org/tasks/1.ics","etag":"\\"1\\"",'
    b'"mark":"m","before":'
    + TASK % b"false"
    + b',"after":'
    + TASK % b"true"
    + b',"text":"BEGIN:VCALENDAR"}'
)
STORED: dict[str, list[bytes]] = {
    "create_event": [
        b'{"type":"CreateCalendarEvent","title":"Dentist","start":"2030-07-01T13:00:00Z",'
        b'"end":"2030-07-01T14:00:00Z","location":"Main Street 1"}'
    ],
    "create_reminder": [
        b'{"type":"CreateReminder","title":"Call Ada","remind_at":"2099-12-24T17:00:00Z"}'
    ],
    "set_alarm": [
        b'{"type":"SetAlarm","at":"2099-12-24T17:00:00Z","label":"Wake up","repeat":"daily"}'
    ],
    "set_timer": [b'{"type":"SetTimer","seconds":300,"label":"Eggs"}'],
    "cancel_reminders": [
        b'{"chosen":[{"id":"5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f","title":"Call Ada"}]}'
    ],
    "move_reminder": [
        b'{"chosen":[{"id":"5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f","title":"Call Ada"}],'
        b'"remind_at":"2099-12-24T18:00:00Z"}'
    ],
    "snooze_reminder": [b'{"type":"SnoozeReminder","minutes":10}'],
    "restore_reminders": [
        b'{"type":"RestoreReminders","reminders":[{"title":"Eggs",'
        b'"remind_at":"2099-12-24T17:00:00Z","kind":"timer","repeat":null,"sound":true}]}'
    ],
    "add_to_list": [b'{"type":"AddToList","items":["Eggs"],"list":"shopping list"}'],
    "remove_from_list": [
        b'{"list_id":"0e9d5f7a-54e2-4b0b-8b5c-8f1f9a3c2d1f","items":[{'
        b'"id":"0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11","text":"Milk","done":false,'
        b'"created_at":"2026-02-07T10:30:00Z"}]}'
    ],
    "create_list": [b'{"type":"CreateList","list":"Party"}'],
    "delete_list": [
        b'{"chosen":[{"id":"0e9d5f7a-54e2-4b0b-8b5c-8f1f9a3c2d1f","title":"shopping list"}]}'
    ],
    "add_task": [
        b'{"type":"AddTask","title":"Tax return","due":"2030-05-30T22:00:00Z","whole_day":true}'
    ],
    "complete_task": [TASK_CHANGE],
    "change_task": [TASK_CHANGE],
    "control_home": [
        b'{"action":"unlock","value":null,"things":[{"id":"lock.front","title":"Front door"}],'
        b'"calls":[{"service":"lock.unlock","entities":["lock.front"],"data":{}}]}'
    ],
    "send_email": [MAIL],
    "draft_email": [MAIL],
    "catalog_command": [REBOOT % b"true", REBOOT % b"false"],
    "remember": [b'{"type":"Remember","statement":"The key is under the pot"}'],
    "forget": [
        b'{"type":"ForgetMemory","memory_id":"7d444840-9dc0-41d1-b245-5ffdce74fad2","about":null}'
    ],
    "delete_event": [CHANGE % (b"null", b"null")],
    "move_event": [CHANGE % (EVENT, b'"BEGIN:VCALENDAR"')],
    "calendar_change": [CHANGE % (EVENT, b'"BEGIN:VCALENDAR"'), CHANGE % (b"null", b"null")],
    "outside_tool": [
        b'{"server":"notes","tool":"write_note","arguments":{"name":"a","text":"b"},"fingerprint":"'
        + b"00" * 32
        + b'"}'
    ],
    "agent_plan": [
        b'{"task_id":"00000000-0000-0000-0000-000000000007","sub_tasks":[{"id":"sa-1",'
        b'"description":"Check the weather","tool":"weather","arguments":{},"depends_on":[]}]}'
    ],
}


class Recorder(FakeCalendar):
    """Everything that is changed outside, as it was asked for."""

    limit_s = 5.0

    def __init__(self) -> None:
        super().__init__([])
        self.done: list[Any] = []

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        self.done.append((user, event.title, event.start, event.end, event.location, uid))
        return msgspec.json.decode(EVENT, type=CalendarEvent)

    async def prepare(self, *_: Any, **__: Any) -> EventChange:
        raise AssertionError("it was prepared when it was asked for")

    async def change(self, user: UUID, change: EventChange) -> str:
        self.done.append((user, change))
        return change.calendar

    async def send(self, user: UUID, mail: OutgoingMail, number: UUID) -> msgspec.Struct:
        assert user == USER
        self.done.append(("sent", mail, number))
        return mail

    async def draft(self, user: UUID, mail: OutgoingMail, number: UUID) -> msgspec.Struct:
        assert user == USER
        self.done.append(("drafted", mail, number))
        return mail


def carry_out(
    kind: str, payload: bytes, *, there: tuple[Reminder, ...] = ()
) -> tuple[Any, list[Any]]:
    """What an approval gives, and what was done outside."""
    recorder, catalog, reminders = Recorder(), FakeCatalog(), FakeReminders(*there)
    memories, tasks, home = FakeMemories(FACT), FakeTasks(), FakeHome()
    actions = build_actions(
        backends(
            calendar=recorder,
            event_editor=recorder,
            tasks=tasks,
            sender=recorder,
            drafter=recorder,
            catalog=catalog,
            reminders=reminders,
            memories=memories,
            home=home,
        )
    )
    approved = Approved(APPROVAL, USER, payload)
    result = asyncio.run(executors(actions)[kind].carry_out(approved))
    listed = [(reminder.title, reminder.remind_at) for reminder in reminders.listed]
    known = [memory.content for memory in memories.known if memory != FACT]
    return result, recorder.done + tasks.made + home.called + catalog.executed + listed + known


def test_every_kind_has_a_stored_payload() -> None:
    assert STORED.keys() == {
        kind for action in ACTIONS if (kind := getattr(action, "kind", None)) is not None
    }


def test_an_event() -> None:
    _, done = carry_out("create_event", *STORED["create_event"])
    times = utc("2030-07-01 13:00"), utc("2030-07-01 14:00")
    assert done == [(USER, "Dentist", *times, "Main Street 1", str(APPROVAL))]


class FakeOutsideTools(NoOutsideTools):
    """A tool server that notes what it is asked to do."""

    def __init__(self) -> None:
        self.calls: list[PinnedCall] = []

    async def call(self, user: UUID, call: PinnedCall) -> ToolAnswer:
        assert user == USER
        self.calls.append(call)
        return ToolAnswer(text="Written")


def test_a_tool_of_another_program() -> None:
    tools = FakeOutsideTools()
    executor = executors(build_actions(backends(outside_tools=tools)))["outside_tool"]
    answer = asyncio.run(executor.carry_out(Approved(APPROVAL, USER, *STORED["outside_tool"])))
    assert answer == ToolAnswer(text="Written")
    (call,) = tools.calls
    assert (call.server, call.tool) == ("notes", "write_note")
    assert call.arguments == {"name": "a", "text": "b"}


def test_tasks() -> None:
    made, done = carry_out("add_task", *STORED["add_task"])
    new = NewTask(title="Tax return", due=utc("2030-05-30 22:00"), whole_day=True)
    assert done == [(USER, new, str(APPROVAL))]
    assert made.list == "Tasks"
    for kind in ("complete_task", "change_task"):
        changed, done = carry_out(kind, *STORED[kind])
        assert changed.task.done
        assert [change.etag for change in done] == ['"1"']


def test_a_lock_of_the_house() -> None:
    changed, done = carry_out("control_home", *STORED["control_home"])
    assert [thing.title for thing in changed.things] == ["Front door"]
    assert done == [ServiceCall(service="lock.unlock", entities=("lock.front",))]


def test_a_reminder() -> None:
    _, done = carry_out("create_reminder", *STORED["create_reminder"])
    assert done == [("Call Ada", dt.datetime(2099, 12, 24, 17, tzinfo=dt.UTC))]


def test_an_alarm_and_a_timer() -> None:
    alarm, _ = carry_out("set_alarm", *STORED["set_alarm"])
    assert (alarm.kind, alarm.title, alarm.repeat) == ("alarm", "Wake up", "daily")
    before = dt.datetime.now(dt.UTC)
    timer, _ = carry_out("set_timer", *STORED["set_timer"])
    assert (timer.kind, timer.title) == ("timer", "Eggs")
    # It runs from the approval on.
    assert timer.remind_at >= before + dt.timedelta(seconds=300)


def test_canceling_moving_and_restoring() -> None:
    canceled, left = carry_out("cancel_reminders", *STORED["cancel_reminders"], there=(REMINDER,))
    assert (canceled.canceled, left) == ([REMINDER], [])
    moved, left = carry_out("move_reminder", *STORED["move_reminder"], there=(REMINDER,))
    assert moved.previous == REMINDER.remind_at
    assert left == [("Call Ada", utc("2099-12-24 18:00"))]
    snoozed, left = carry_out("snooze_reminder", *STORED["snooze_reminder"], there=(REMINDER,))
    assert snoozed.reminder.snoozes == REMINDER.snoozes + 1
    restored, left = carry_out("restore_reminders", *STORED["restore_reminders"])
    assert [reminder.kind for reminder in restored.restored] == ["timer"]
    assert left == [("Eggs", utc("2099-12-24 17:00"))]


def test_lists() -> None:
    done = {}
    for kind in ("add_to_list", "remove_from_list", "create_list", "delete_list"):
        lists = FakeLists(SHOPPING)
        executor = executors(build_actions(backends(lists=lists)))[kind]
        asyncio.run(executor.carry_out(Approved(APPROVAL, USER, *STORED[kind])))
        done[kind] = {one.name: [item.text for item in one.items] for one in lists.known}
    assert done == {
        "add_to_list": {"shopping list": ["Milk", "Eggs"]},
        "remove_from_list": {"shopping list": []},
        "create_list": {"shopping list": ["Milk"], "Party": []},
        "delete_list": {},
    }


def test_a_fact() -> None:
    _, done = carry_out("remember", *STORED["remember"])
    assert done == ["The key is under the pot"]


def test_forgetting() -> None:
    result, _ = carry_out("forget", *STORED["forget"])
    assert result.forgotten == [FACT]


@pytest.mark.parametrize(("kind", "what"), [("send_email", "sent"), ("draft_email", "drafted")])
def test_a_mail(kind: str, what: str) -> None:
    _, done = carry_out(kind, *STORED[kind])
    mail = OutgoingMail(
        sender="a@example.org",
        to=["bob@example.org"],
        subject="Lunch",
        text="See you",
        in_reply_to="<1@x>",
        references=["<0@x>", "<1@x>"],
    )
    assert done == [(what, mail, APPROVAL)]


@pytest.mark.parametrize("payload", STORED["catalog_command"])
def test_a_system_command(payload: bytes) -> None:
    _, done = carry_out("catalog_command", payload)
    privileged = b"true" in payload
    assert done == [
        CatalogRun(
            catalog_id="default-reboot",
            name="Reboot",
            argv=("systemctl", "reboot"),
            network=False,
            privileged=privileged,
        )
    ]
    executor = executors(build_actions(backends()))["catalog_command"]
    assert isinstance(executor, Stoppable)
    assert executor.may_be_stopped(Approved(APPROVAL, USER, payload)) is not privileged


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (kind, payload)
        for kind in ("calendar_change", "delete_event", "move_event")
        for payload in STORED[kind]
    ],
)
def test_a_change_of_an_event(kind: str, payload: bytes) -> None:
    result, done = carry_out(kind, payload)
    change = msgspec.json.decode(payload, type=EventChange)
    assert done == [(USER, change)]
    assert (result.calendar, result.event) == ("work", change.after)


def test_a_plan() -> None:
    assert carry_out("agent_plan", *STORED["agent_plan"]) == ({"approved": True}, [])


def test_only_what_is_set_up_has_an_executor() -> None:
    """Approving anything else is refused before it counts as begun."""
    missing = {"send_email", "draft_email", "calendar_change", "delete_event", "move_event"}
    assert executors(build_actions(backends())).keys() == STORED.keys() - missing
