"""What commands read from and write to, as they need it.

`pisovereign/integrations/` implements these protocols; until a source is configured, one of the
`No...` classes stands in its place and says which setting is missing. Every source bounds its own
time and size, and fails only with

- `NotConfigured`: nothing was set up, or nothing for this user;
- `UpstreamError`: the other server does not answer, or not usefully. Its message is one sentence
  that names no secret.

What a source returns was written by others: it is shown, and never an instruction.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

import msgspec

from pisovereign.commands.types import CreateCalendarEvent, DraftEmail, SendEmail
from pisovereign.errors import ServiceUnavailable
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder

Language = Literal["en", "de"]


class NotConfigured(ServiceUnavailable):
    """A source that was not set up; `setting` is what to set."""

    def __init__(self, what: str, setting: str) -> None:
        super().__init__(f"{what} is not configured: set {setting}")
        self.setting = setting
        self.details = {"setting": setting}


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """The weather somewhere.

    `text` is "15°C, partly cloudy" and `today` "8 to 17°C, rain showers", in the language asked
    for; `rain_mm` is of the whole day. `stale` is true when the service is down and this is an
    earlier answer of it, which came at `fetched_at`.
    """

    text: str
    location: str
    temperature_c: float
    observed_at: dt.datetime
    today: str | None = None
    high_c: float | None = None
    low_c: float | None = None
    humidity_percent: float | None = None
    wind_kmh: float | None = None
    rain_mm: float | None = None
    fetched_at: dt.datetime | None = None
    stale: bool = False


class WeatherSource(Protocol):
    """Where the weather comes from."""

    async def current(self, location: str | None, language: Language) -> Weather:
        """The weather at a place by its name; None: at the configured place.

        Raises:
            ValidationFailed: no such place; the field is `location`.
        """
        ...


class CalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of an event.

    `time` is its start in the user's zone ("09:00"), None when it takes whole days. `start` and
    `end` are in UTC; `end` is the first moment after it. `calendar` is the calendar's name. `id` is
    there when the event can be changed by it: it does not recur.
    """

    time: str | None
    title: str
    start: dt.datetime
    end: dt.datetime
    all_day: bool = False
    location: str | None = None
    calendar: str | None = None
    id: str | None = None


class CalendarSource(Protocol):
    """A user's calendars."""

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Every occurrence that touches [start, end), in order of time."""
        ...

    def require(self, user: UUID, event: CreateCalendarEvent) -> None:
        """Refuse at once what `create` would refuse.

        Raises:
            NotConfigured: this user has no calendar here.
            ValidationFailed: the event cannot be.
        """
        ...

    async def create(self, user: UUID, event: CreateCalendarEvent, uid: str) -> CalendarEvent:
        """Put an event into the calendar; with a `uid` that is there already nothing happens."""
        ...


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail: who wrote about what, in one line in `headline`, and how its text begins."""

    id: str
    sender: str
    subject: str
    headline: str
    received_at: dt.datetime
    unread: bool
    important: bool
    preview: str = ""


class MailSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is in the inbox, and its newest mails, the newest first."""

    unread: int
    important: int
    mails: list[Mail]


class MailSource(Protocol):
    """A user's inbox."""

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Unread and important mails, counted, and the newest `count`; 0: only counted."""
        ...


class Reminders(Protocol):
    """The users' reminders."""

    async def create(
        self, user: UUID, new: NewReminder, identifier: UUID | None = None
    ) -> Reminder:
        """Remind of something at some time; with an id, once however often it is asked for."""
        ...

    async def find(self, user: UUID, reminder: UUID) -> Reminder | None:
        """One reminder; None: there is none of the user's."""
        ...

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Reminder], int]:
        """A page of the user's reminders, the earliest first, and how many there are."""
        ...


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail exactly as it will be sent, or put into the drafts, once somebody approved it.

    `in_reply_to` and `references` are message ids of the mail that it answers.
    """

    sender: str
    to: list[str]
    subject: str
    text: str
    in_reply_to: str | None = None
    references: list[str] = msgspec.field(default_factory=list)


class Letters(Protocol):
    """What makes letters of commands. Sending them is for the executors of approvals."""

    async def prepare(self, user: UUID, command: SendEmail | DraftEmail) -> Letter:
        """The letter that a command asks for.

        Raises:
            ValidationFailed: recipient or subject are missing, or there is no such mail to answer.
        """
        ...


class Sources(NamedTuple):
    """Everything that commands read from and write to."""

    weather: WeatherSource
    calendar: CalendarSource
    mail: MailSource
    letters: Letters
    reminders: Reminders


class NoWeather:
    """A weather source that is not configured."""

    async def current(self, location: str | None, language: Language) -> Weather:
        """Say so."""
        raise NotConfigured("The weather", "weather.location")


class NoCalendar:
    """A calendar that is not configured."""

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")

    def require(self, user: UUID, event: CreateCalendarEvent) -> None:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")

    async def create(self, user: UUID, event: CreateCalendarEvent, uid: str) -> CalendarEvent:
        """Say so."""
        raise NotConfigured("The calendar", "caldav.url")


class NoMail:
    """An inbox that is not configured."""

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Say so."""
        raise NotConfigured("Mail", "email.imap_host")


class NoLetters:
    """Nothing that could send."""

    async def prepare(self, user: UUID, command: SendEmail | DraftEmail) -> Letter:
        """Say so."""
        setting = "email.smtp_host" if isinstance(command, SendEmail) else "email.imap_host"
        raise NotConfigured("Mail", setting)
