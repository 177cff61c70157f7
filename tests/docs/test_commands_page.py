"""docs/commands.md says which commands there are, and shows what they give."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import msgspec

from pisovereign.actions.registry import COMMANDS
from tests.actions.support import (
    ANNA,
    CALLER,
    FACT,
    HOLIDAY,
    INBOX,
    LAMP,
    NO_CONTACTS,
    NO_TASKS,
    PAPER,
    REMINDER,
    SHOPPING,
    STANDUP,
    TASK,
    WEATHER,
    FakeCalendar,
    FakeContacts,
    FakeEditor,
    FakeHome,
    FakeLists,
    FakeMail,
    FakeMemories,
    FakeReminders,
    FakeTasks,
    FakeWaste,
    FakeWeather,
    FakeWeb,
    service,
    utc,
)
from tests.docs.blocks import blocks, read
from tests.docs.test_api_page import shape
from tests.support.server import Server

PAGE = read("docs/commands.md")
FULL_WEATHER = msgspec.structs.replace(
    WEATHER,
    today="8 to 17°C, light rain showers",
    high_c=17.0,
    low_c=8.1,
    humidity_percent=71.0,
    wind_kmh=12.4,
    rain_mm=0.6,
    fetched_at=utc("2026-02-07 06:50"),
)

ARGUMENTS = {
    "calendar": {"start": "2026-02-07T09:00:00Z"},
    "create_event": {
        "title": "Meeting",
        "start": "2026-02-08T15:00:00+01:00",
        "end": "2026-02-08T16:00:00+01:00",
    },
    "delete_event": {"event_id": "abc"},
    "move_event": {"event_id": "abc", "start": "2026-02-08T15:00:00+01:00"},
    "send_email": {"to": "ada@example.org", "subject": "Hi", "body": "Hello"},
    "draft_email": {"to": "ada@example.org", "subject": "Hi", "body": "Hello"},
    "find_contact": {"name": "Anna"},
    "waste": {"about": "paper"},
    "search_web": {"query": "sourdough"},
    "read_page": {"url": "https://bread.example/sourdough"},
    "add_task": {"title": "Tax return"},
    "complete_task": {"about": "tax return"},
    "remember": {"statement": "The spare key is under the pot."},
    "recall": {"question": "Where is the spare key?"},
    "forget": {"about": "the spare key"},
    "run": {"catalog_id": "default-disk-free"},
    "set_alarm": {"at": "2099-12-24T18:00:00+01:00", "label": "Wake up"},
    "set_timer": {"seconds": 300, "label": "Eggs"},
    "cancel_reminders": {"about": "call Ada"},
    "move_reminder": {"about": "call Ada", "remind_at": "2099-12-24T19:00:00+01:00"},
    "restore_reminders": {
        "reminders": [{"title": "Call Ada", "remind_at": "2099-12-24T17:00:00Z"}]
    },
    "date_time": {"about": "days_until", "moment": "2099-12-24T17:00:00Z", "location": "Tokyo"},
    "calculate": {"expression": "15% of 80"},
    "convert_units": {"amount": 5, "unit": "miles", "to": "km"},
    "add_to_list": {"items": ["Milk"]},
    "remove_from_list": {"items": ["milk"]},
    "create_list": {"list": "shopping list"},
    "delete_list": {"list": "shopping list"},
    "home_state": {"names": ["Kitchen lamp"]},
    "control_home": {"action": "turn_off", "names": ["Kitchen lamp"]},
    "create_reminder": {"title": "Call Ada", "remind_at": "2099-12-24T18:00:00+01:00"},
}

CREATING = (
    "create_reminder",
    "set_alarm",
    "set_timer",
    "restore_reminders",
    "add_to_list",
    "create_list",
)
# What the clock decides.
VARYING = ("set_timer", "date_time")

BLOCKS = {b.kind: json.loads(b.text) for b in blocks(PAGE) if b.language == "json"}


def done(name: str) -> Any:
    """What a command gives, as JSON, with sources that hold what the page shows."""
    calendar = FakeCalendar([HOLIDAY, STANDUP] if name == "briefing" else [STANDUP])
    actions = service(
        weather=FakeWeather(FULL_WEATHER),
        calendar=calendar,
        tasks=NO_TASKS if name == "briefing" else FakeTasks(TASK),
        web_search=FakeWeb(),
        pages=FakeWeb(),
        contacts=NO_CONTACTS if name == "briefing" else FakeContacts(ANNA),
        home=FakeHome(LAMP),
        event_editor=FakeEditor(msgspec.structs.replace(STANDUP, id="abc")),
        mail=FakeMail(INBOX),
        reminders=FakeReminders(*([] if name in CREATING else [REMINDER])),
        lists=FakeLists(*([] if name in CREATING else [SHOPPING])),
        memories=FakeMemories(FACT),
        waste=FakeWaste(PAPER),
    )
    command = actions.command(name, ARGUMENTS.get(name, {}))
    return json.loads(msgspec.json.encode(asyncio.run(actions.run(CALLER, command))))


def test_the_table_lists_every_command() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\w+) \| ([^|]+) \|", PAGE)
    assert [(name, kind, text.strip()) for name, kind, text in rows] == [
        (spec.name, spec.type_name, spec.words("en").description) for spec in COMMANDS
    ]


def test_every_argument_is_in_the_table() -> None:
    rows = {row[1]: row[2] for row in re.finditer(r"(?m)^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE)}
    for spec in COMMANDS:
        assert re.findall(r"`(\w+)`", rows[spec.name]) == list(spec.arguments()["properties"])


def test_each_result_is_as_shown() -> None:
    shown = {kind: block for kind, block in BLOCKS.items() if kind[0].isupper()}
    for spec in COMMANDS:
        answer = done(spec.name)
        given = answer["result"] if answer["status"] == "completed" else answer
        if spec.name == "help":
            given["commands"] = [c for c in given["commands"] if c["name"] == "emails"]
        if spec.name in VARYING:
            assert shape(given) == shape(shown.pop(spec.type_name)), spec.name
        elif spec.approval != "always" or spec.type_name in shown:
            assert given == shown.pop(spec.type_name), spec.name
    assert not shown


def test_chat_answers_as_shown(server: Server) -> None:
    response = server.request("POST", "/v1/chat", json=BLOCKS["request"])
    assert response.status_code == 200
    answer = response.json()
    assert shape(answer) == shape(BLOCKS["answer"])
    for field in ("content", "model", "tokens"):
        assert answer[field] == BLOCKS["answer"][field]
    assert answer["command"]["arguments"] == BLOCKS["answer"]["command"]["arguments"]
