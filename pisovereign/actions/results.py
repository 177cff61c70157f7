"""What commands give back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from pisovereign.actions.registry import COMMANDS, Approval, Source
from pisovereign.catalog.types import Execution
from pisovereign.integrations.calendar.types import CalendarEvent
from pisovereign.integrations.mail.types import MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.languages import Language
from pisovereign.reminders.types import Reminder
from pisovereign.runner.types import RunStatus

SourceState = str
"""`ok`, `stale` (an earlier answer), `not_configured`, or one sentence on what is wrong."""
OK, STALE, NOT_CONFIGURED = "ok", "stale", "not_configured"


class BriefingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the briefing; `time` is None when it takes the whole day."""

    time: str | None
    title: str


class MailCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The inbox in the briefing."""

    unread: int
    important: int


class BriefingSources(msgspec.Struct, frozen=True):
    """How each source answered."""

    weather: SourceState
    calendar: SourceState
    emails: SourceState


class Briefing(msgspec.Struct, frozen=True, kw_only=True):
    """The day at a glance; a part is None exactly when its source did not give it."""

    weather: str | None
    calendar: list[BriefingEvent] | None
    emails: MailCounts | None
    sources: BriefingSources


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """The events between two moments, in order of time."""

    start: dt.datetime
    end: dt.datetime
    events: list[CalendarEvent]


class HelpEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A command, as `help` shows it; `arguments` is a JSON Schema, `example` what a person says."""

    name: str
    type: str
    description: str
    example: str | None
    arguments: dict[str, Any]
    sources: tuple[Source, ...]
    side_effects: bool
    approval: Approval


class HelpList(msgspec.Struct, frozen=True, kw_only=True):
    """Every command there is."""

    commands: list[HelpEntry]


def help_list(language: Language) -> HelpList:
    """Every command, described in a language."""
    return HelpList(
        commands=[
            HelpEntry(
                name=spec.name,
                type=spec.type_name,
                description=spec.descriptions[language],
                example=spec.examples[language] if spec.examples else None,
                arguments=spec.arguments(),
                sources=spec.sources,
                side_effects=spec.side_effects,
                approval=spec.approval,
            )
            for spec in COMMANDS
        ]
    )


class ReminderList(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders that are not done, the earliest first, and how many there are in all."""

    reminders: list[Reminder]
    total: int


Result = Briefing | Weather | Events | MailSummary | HelpList | ReminderList | Reminder | Execution


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out; `text` is the result in words.

    Only a system command can have failed or taken too long, and have a result all the same.
    """

    command: str
    status: RunStatus = "completed"
    result: Result
    text: str
    executed_at: dt.datetime


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits for an approval; `title` is what the approver sees."""

    command: str
    status: Literal["pending_approval"] = "pending_approval"
    approval_id: UUID
    expires_at: dt.datetime
    title: str
    text: str
