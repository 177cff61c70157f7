"""States of conversations, and the service that reads messages against them."""

from __future__ import annotations

import datetime as dt
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.actions import types
from pisovereign.actions.types import Command
from pisovereign.dialogue.service import DialogueService, Said
from pisovereign.dialogue.store import DialogueStore
from pisovereign.dialogue.types import DialogueState, Done, Item, KnownState, Plan, Question, Run
from pisovereign.languages import Language
from pisovereign.parsing.types import Parsed
from pisovereign.reading.time_fragments import TimeSlots
from tests.support.rules import rules

ZONE = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2030, 3, 5, 10, tzinfo=ZONE).astimezone(dt.UTC)  # a Tuesday
TOMORROW = dt.datetime(2030, 3, 6, 19, tzinfo=ZONE).astimezone(dt.UTC)
USER = UUID(int=9)
BINS, DENTIST, PLANTS = (UUID(int=number) for number in (1, 2, 3))


class Times:
    """Finds times as if they were said at `NOW`."""

    def times(self, user: UUID, language: Language, text: str, now: dt.datetime) -> TimeSlots:
        return rules().times(language, text, now, ZONE)


SERVICE = DialogueService(cast("DialogueStore", None), Times())


def reminder(identifier: UUID, title: str, hours: int) -> Item:
    return Item(
        kind="reminder", id=str(identifier), title=title, at=TOMORROW + dt.timedelta(hours=hours)
    )


SHOWN = (reminder(BINS, "bins", 0), reminder(DENTIST, "call the dentist", 1))
MADE = Done(
    command=types.CreateReminder(title="bins", remind_at=TOMORROW),
    at=NOW,
    inverse=types.CancelReminders(reminder_id=BINS),
    items=SHOWN[:1],
)
WEATHER = Done(command=types.CurrentWeather(location="Berlin"), at=NOW)
LISTED = Done(command=types.ListReminders(), at=NOW, items=SHOWN)
ADDED = Done(
    command=types.AddToList(items=("milk",)), at=NOW, inverse=types.RemoveFromList(items=("milk",))
)
EVENT = types.CreateCalendarEvent(
    title="lunch", start=TOMORROW, end=TOMORROW + dt.timedelta(hours=2)
)
PENDING = Done(command=EVENT, at=NOW, approval=UUID(int=9))


def question(kind: str, of: str, **more: object) -> Question:
    return Question(kind=kind, type=of, at=NOW, **more)  # type: ignore[arg-type]


def known(turns: int = 0, **state: object) -> KnownState:
    return KnownState(DialogueState(language="en", **state), 1.0, turns)  # type: ignore[arg-type]


def plan(
    text: str, state: KnownState | None, *parsed: Parsed, language: Language = "en"
) -> Plan | None:
    return SERVICE.plan(Said(USER, text, NOW), language, state, parsed)


def command(text: str, state: KnownState | None, *, language: Language = "en") -> Command:
    """The only command that a message means."""
    planned = plan(text, state, language=language)
    assert planned is not None, f"{text!r} means nothing"
    (step,) = planned.steps
    assert isinstance(step, Run), step
    return step.command
