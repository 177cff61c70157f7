"""What is said in a language means what `data/<code>.toml` says."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bench.parse.cases import CATALOG
from pisovereign.actions.types import CreateCalendarEvent, CreateReminder, ListCalendarEvents
from tests.support.rules import rules

PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 3, 11, 10, 20, tzinfo=PARIS)  # a Wednesday
FILES = {
    path.stem: tomllib.loads(path.read_text()) for path in Path(__file__).parent.glob("data/*.toml")
}


def cases(section: str) -> list[Any]:
    """Each entry of a section, with the frames of its language and a name for the test."""
    found = []
    for language, data in FILES.items():
        entries = data[section]
        pairs = (
            entries.items()
            if isinstance(entries, dict) and "all" not in entries
            else (
                (entry, entry)
                for entry in (entries["all"] if isinstance(entries, dict) else entries)
            )
        )
        for said, meant in pairs:
            name = said if isinstance(said, str) else said["said"]
            found.append(pytest.param(data["frames"], said, meant, id=f"{language}-{name}"))
    return found


def command(text: str) -> Any:
    return rules().parse(text, NOW, PARIS, CATALOG).command


def local(text: str) -> dt.datetime:
    """A local time of 2026 (`03-12 14:00`), or of the year it has."""
    text = text if text[:2] == "20" else f"2026-{text}"
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(dt.UTC)


@pytest.mark.parametrize(("frames", "said", "meant"), cases("moments"))
def test_a_moment(frames: dict[str, Any], said: str, meant: str) -> None:
    frame, title = frames["reminder"]
    found = command(frame.format(said))
    assert isinstance(found, CreateReminder)
    assert (found.title, found.remind_at) == (title, local(meant))


@pytest.mark.parametrize(("frames", "said", "meant"), cases("spans"))
def test_start_and_end(frames: dict[str, Any], said: str, meant: list[Any]) -> None:
    frame, title = frames["event"]
    found = command(frame.format(said))
    assert isinstance(found, CreateCalendarEvent)
    assert (found.title, found.start) == (title, local(meant[0]))
    assert found.end - found.start == dt.timedelta(minutes=meant[1])


@pytest.mark.parametrize(("frames", "said", "meant"), cases("days"))
def test_days(frames: dict[str, Any], said: str, meant: list[Any]) -> None:
    found = command(frames["calendar"].format(said))
    assert isinstance(found, ListCalendarEvents)
    assert (found.start, found.days) == (local(meant[0]) if meant[0] else None, meant[1])


@pytest.mark.parametrize(("frames", "said", "meant"), cases("no_moments"))
def test_what_is_no_time_to_come_is_refused(frames: dict[str, Any], said: str, meant: str) -> None:
    assert not isinstance(command(frames["reminder"][0].format(meant)), CreateReminder)


@pytest.mark.parametrize(("frames", "said", "meant"), cases("commands"))
def test_a_command(frames: dict[str, Any], said: dict[str, Any], meant: dict[str, Any]) -> None:
    wanted = {name: value for name, value in meant.items() if name != "said"}
    found = msgspec.to_builtins(command(said["said"]))
    assert found is not None
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(("frames", "said", "meant"), cases("nothing"))
def test_what_asks_for_nothing(frames: dict[str, Any], said: str, meant: str) -> None:
    assert command(meant) is None
