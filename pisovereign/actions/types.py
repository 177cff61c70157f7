"""The commands, as the parser gives them and the service takes them.

In JSON each carries its name in `type`. Times are aware, and in UTC once a command is checked.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from pisovereign.integrations.mail.fields import Body, MailId, Recipients, Subject
from pisovereign.validation import no_nul, not_blank

Title = Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]
Place = Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]
Days = Annotated[int, Meta(ge=1, le=366)]
Count = Annotated[int, Meta(ge=1, le=100)]


def _usual(value: dt.datetime) -> str | None:
    return None if 1970 < value.year < 2200 else "must be a time between 1971 and 2199"


Moment = Annotated[dt.datetime, Meta(tz=True, extra={"rules": (_usual,)})]
CatalogId = Annotated[str, Meta(min_length=1, max_length=100, extra={"rules": (no_nul,)})]


class MorningBriefing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Weather, today's events and mail, at once."""


class CurrentWeather(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The weather somewhere; without `location`, at the configured place."""

    location: Place | None = None


class ListCalendarEvents(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The events of `days` whole days in the user's zone, from today or from `start`."""

    days: Days = 1
    start: Moment | None = None


class EmailSummary(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The newest `count` mails."""

    count: Count = 10


class Help(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Which commands there are."""


class ListReminders(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The reminders that are not done."""


class CreateReminder(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Remind of `title` at `remind_at`."""

    title: Title
    remind_at: Moment


class CreateCalendarEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Put an event into the calendar; a side effect."""

    title: Title
    start: Moment
    end: Moment
    location: Place | None = None


class SendEmail(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Send a mail; a side effect.

    `to` holds one or several addresses with commas between them. `reply_to` is the id of a mail in
    a summary: then `to` and `subject` may be left out.
    """

    to: Recipients | None = None
    subject: Subject | None = None
    body: Body
    reply_to: MailId | None = None


class DraftEmail(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Put a mail into the drafts; a side effect. Its fields are those of `SendEmail`."""

    to: Recipients | None = None
    subject: Subject | None = None
    body: Body
    reply_to: MailId | None = None


class RunCatalogCommand(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Run the system command with this id; `arguments` fill its placeholders."""

    catalog_id: CatalogId
    arguments: dict[str, str] = msgspec.field(default_factory=dict)


Command = (
    MorningBriefing
    | CurrentWeather
    | ListCalendarEvents
    | EmailSummary
    | Help
    | ListReminders
    | CreateReminder
    | CreateCalendarEvent
    | SendEmail
    | DraftEmail
    | RunCatalogCommand
)


C = TypeVar("C", bound=msgspec.Struct)


def in_utc(command: C) -> C:
    """The command with all of its times in UTC."""
    times = {
        name: value.astimezone(dt.UTC)
        for name, value in msgspec.structs.asdict(command).items()
        if isinstance(value, dt.datetime)
    }
    return msgspec.structs.replace(command, **times)
