"""Labeled utterances: what was said, and the command that it is.

A file has a line for each: kind, words and slots, separated by `|`; the kind `-` is no command.
Slots are those of the command's type, with local times (03-12 14:00 in the year 2026) and these
shorter names: `at` for remind_at, `min` for how long an event takes (60), `id` for the catalog's id
without "default-", `what` for the kind of what is canceled.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import (
    Calculate,
    CancelReminders,
    Command,
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    DeleteCalendarEvent,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    MoveCalendarEvent,
    RunCatalogCommand,
    SetAlarm,
    SetTimer,
)
from pisovereign.parsing.types import CatalogEntry
from pisovereign.reminders.repeat import Repeat
from pisovereign.reminders.types import Kind

DATA = Path(__file__).parents[1] / "data" / "commands"
ZONE = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 11, 10, 20, tzinfo=ZONE)
_APPROVED = ("reboot", "restart-service")
_CATALOG = (
    "disk-free folder-sizes inodes block-devices mounts uptime kernel os-release hostname memory"
    " cpu clock logged-in top-cpu top-memory vmstat addresses routes listening dns-check wifi"
    " failed-units service-status service-log kernel-errors temperature throttling arm-clock"
    " pending-updates restart-service reboot"
)
CATALOG = (
    *(CatalogEntry(f"default-{n}", n, n in _APPROVED) for n in _CATALOG.split()),
    CatalogEntry("default-ping", "Ping a Host", False, ("host",)),
)
_PLAIN: dict[str, Command] = {
    "briefing": MorningBriefing(),
    "help": Help(),
    "reminders": ListReminders(),
}


class Case(NamedTuple):
    """One utterance; `command` is None when it is none."""

    language: str
    words: str
    command: Command | None


def load(name: str) -> list[Case]:
    """Return the cases of `data/commands/<name>.txt`."""
    cases: list[Case] = []
    language = ""
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            language = line.strip("[]")
        elif line and not line.startswith("#"):
            kind, words, *slots = (part.strip() for part in line.split(" | "))
            cases.append(Case(language, words, _command(kind, _slots(slots))))
    return cases


def same(wanted: Command | None, found: Command | None) -> bool:
    """Whether two commands are the same; letters of a title or a place may be of another size."""
    if wanted is None or found is None:
        return wanted is found
    return _plain(wanted) == _plain(found)


def _plain(command: Command) -> object:
    fields = msgspec.structs.asdict(command)
    for name in ("title", "location"):
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].casefold()
    return type(command), fields


def has_side_effect(command: Command | None) -> bool:
    """Whether carrying it out changes something."""
    if command is None:
        return False
    catalog = {entry.id: entry.requires_approval for entry in CATALOG}
    run = getattr(command, "catalog_id", None)
    return catalog[run] if run is not None else spec_of(command).side_effects


def _slots(parts: list[str]) -> dict[str, str]:
    pairs = (pair.split("=", 1) for part in parts for pair in part.split("; ") if "=" in pair)
    return {name.strip(): value.strip() for name, value in pairs}


_KINDS: dict[str, Kind] = {"reminder": "reminder", "alarm": "alarm", "timer": "timer"}


def _repeat(slots: dict[str, str]) -> Repeat | None:
    repeat = slots.get("repeat")
    return None if repeat is None else msgspec.convert(repeat, Repeat)


def _local(text: str) -> dt.datetime:
    text = text if text[:2] == "20" else f"2026-{text}"
    local = dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return local.astimezone(dt.UTC)


def _command(kind: str, slots: dict[str, str]) -> Command | None:
    match kind:
        case "-":
            return None
        case "event":
            start = _local(slots["start"])
            return CreateCalendarEvent(
                title=slots["title"],
                start=start,
                end=start + dt.timedelta(minutes=int(slots.get("min", "60"))),
                location=slots.get("location"),
            )
        case "reminder":
            return CreateReminder(
                title=slots["title"], remind_at=_local(slots["at"]), repeat=_repeat(slots)
            )
        case "calendar":
            first = slots.get("start")
            return ListCalendarEvents(
                days=int(slots["days"]), start=_local(first) if first else None
            )
        case "weather":
            return CurrentWeather(location=slots.get("location"))
        case "emails":
            return EmailSummary(count=int(slots["count"]))
        case "run":
            name = slots.pop("id")
            return RunCatalogCommand(catalog_id=f"default-{name}", arguments=slots)
        case _:
            return _PLAIN[kind] if kind in _PLAIN else _later_command(kind, slots)


def _later_command(kind: str, slots: dict[str, str]) -> Command:
    """Return one of the commands that are about what is there already, or that ring."""
    match kind:
        case "alarm":
            return SetAlarm(at=_local(slots["at"]), repeat=_repeat(slots))
        case "timer":
            return SetTimer(seconds=int(slots["seconds"]))
        case "delete":
            return DeleteCalendarEvent(
                about=slots["about"], start=_local(slots["start"]), days=int(slots["days"])
            )
        case "move":
            return MoveCalendarEvent(about=slots["about"], start=_local(slots["start"]))
        case "sum":
            return Calculate(expression=slots["expression"])
        case "cancel":
            return CancelReminders(kind=_KINDS[slots["what"]], at=_local(slots["at"]))
        case _:
            raise ValueError(kind)
