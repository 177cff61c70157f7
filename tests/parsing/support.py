"""Sentences around a time, and what becomes of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.parse.cases import CATALOG
from pisovereign.actions.types import CreateCalendarEvent, CreateReminder, ListCalendarEvents
from pisovereign.catalog.types import CatalogCommand
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.service import ParseService
from pisovereign.reading.message import Message
from pisovereign.reading.times.resolution import Moment
from tests.actions.support import NO_CONTACTS, NO_TASKS
from tests.support.rules import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pisovereign.parsing.intent_reader import IntentReader
    from pisovereign.parsing.model_proposals import ModelProposer

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 11, 10, 20, tzinfo=BERLIN)  # a Wednesday
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns",
        "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
        "Africa/Casablanca", "Pacific/Chatham",
    )
]  # fmt: skip


def command(text: str, now: dt.datetime = NOW, zone: ZoneInfo = BERLIN) -> object:
    return rules().parse(text, now, zone, CATALOG).command


def message(text: str, now: dt.datetime = NOW, zone: ZoneInfo = BERLIN) -> Message:
    return rules().message(text, Moment.of(now, zone))


def reminded(when: str, now: dt.datetime = NOW, zone: ZoneInfo = BERLIN) -> dt.datetime | None:
    """When somebody is reminded who says `when`, in English or German; in UTC."""
    for text in (f"remind me {when} to breathe", f"erinnere mich {when} ans Atmen"):
        found = command(text, now, zone)
        # Words of the other language would become a part of the title.
        if isinstance(found, CreateReminder) and found.title in ("breathe", "Atmen"):
            return found.remind_at
    return None


def event(
    when: str, now: dt.datetime = NOW, zone: ZoneInfo = BERLIN
) -> tuple[dt.datetime, dt.datetime] | None:
    """Start and end of an event for which somebody says `when`; in UTC."""
    for text in (f"schedule a meeting {when}", f"trage ein Meeting {when} ein"):
        found = command(text, now, zone)
        if isinstance(found, CreateCalendarEvent) and found.title in ("meeting", "Meeting"):
            return found.start, found.end
    return None


def listed(when: str, now: dt.datetime = NOW) -> tuple[dt.datetime | None, int] | None:
    """First moment and number of days of the calendar that somebody asks for."""
    for text in (f"show my calendar {when}", f"zeig meinen Kalender {when}"):
        found = command(text, now)
        if isinstance(found, ListCalendarEvents):
            return found.start, found.days
    return None


def local(text: str, zone: ZoneInfo = BERLIN) -> dt.datetime:
    """A local time of 2026 (`03-12 14:00`), or of the year it has."""
    text = text if text[:2] == "20" else f"2026-{text}"
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


class _Guesses:
    def __init__(self, guesses: Sequence[Guess]) -> None:
        self._guesses = guesses

    async def guesses(self, user: UUID, language: str, core: str) -> list[Guess]:
        return list(self._guesses)


class _NoCatalog:
    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        return [], 0


def service(guesses: Sequence[Guess] = ()) -> ParseService:
    """Parses by rules and `guesses`, for somebody in Berlin with nothing on any server."""
    return ParseService(
        rules(),
        cast("IntentReader", _Guesses(guesses)),
        cast("ModelProposer", None),
        _NoCatalog(),
        lambda _: BERLIN,
        tasks=NO_TASKS,
        contacts=NO_CONTACTS,
    )
