"""docs/commands.md says which commands there are, and shows what they give."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import msgspec

from pisovereign.commands.service import CommandService
from pisovereign.commands.sources import Weather
from pisovereign.commands.types import Command
from tests.commands.support import (
    CALLER,
    HOLIDAY,
    INBOX,
    REMINDER,
    STANDUP,
    WEATHER,
    FakeCalendar,
    FakeMail,
    FakeReminders,
    FakeWeather,
    readings,
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
    "create_reminder": {"title": "Call Ada", "remind_at": "2099-12-24T18:00:00+01:00"},
}

BLOCKS = {b.kind: json.loads(b.text) for b in blocks(PAGE) if b.language == "json"}


def service(*, holiday: bool, weather: Weather = FULL_WEATHER) -> CommandService:
    events = [HOLIDAY, STANDUP] if holiday else [STANDUP]
    sources = readings(FakeWeather(weather), FakeCalendar(events), FakeMail(INBOX))
    return CommandService(sources, FakeReminders(REMINDER), briefing_limit_s=5)


def result(name: str, args: dict[str, Any]) -> Any:
    commands = service(holiday=name == "briefing")
    command: Command = commands.command(name, args)
    return json.loads(msgspec.json.encode(asyncio.run(commands.run(CALLER, command)).result))


def test_the_table_lists_every_command() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\w+) \| ([^|]+) \|", PAGE)
    assert [(name, kind, text.strip()) for name, kind, text in rows] == [
        (spec.name, spec.type_name, spec.descriptions["en"])
        for spec in service(holiday=False).offered
    ]


def test_every_argument_is_in_the_table() -> None:
    rows = {row[1]: row[2] for row in re.finditer(r"(?m)^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE)}
    for spec in service(holiday=False).offered:
        assert re.findall(r"`(\w+)`", rows[spec.name]) == list(spec.arguments()["properties"])


def test_each_result_is_as_shown() -> None:
    shown = {kind: block for kind, block in BLOCKS.items() if kind[0].isupper()}
    for spec in service(holiday=True).offered:
        given = result(spec.name, ARGUMENTS.get(spec.name, {}))
        if spec.name == "help":
            given["commands"] = [c for c in given["commands"] if c["name"] == "emails"]
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
