"""What can be said of a command in each language, and what the languages have in common."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Sequence
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from pisovereign.actions.registry import Source
from pisovereign.actions.results import Briefing, Events, ReminderList
from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.catalog.types import Execution
from pisovereign.integrations.calendar.types import CalendarEvent
from pisovereign.integrations.mail.types import Letter, MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.reminders.types import Reminder
from pisovereign.untrusted_text import one_line, plain

MOST_LINES = 20
"""Longer lists are cut, and say so."""
_MOST_CHARACTERS = 200
_MOST_OUTPUT_LINES = 60


class Clock(NamedTuple):
    """Now, and the zone that times are told in."""

    now: dt.datetime
    zone: ZoneInfo

    def date(self, moment: dt.datetime) -> dt.date:
        """The day of a moment in the zone."""
        return moment.astimezone(self.zone).date()

    def days_ahead(self, moment: dt.datetime) -> int:
        """How many midnights away a moment is: 0 is today, 1 tomorrow."""
        return (self.date(moment) - self.date(self.now)).days

    def time(self, moment: dt.datetime) -> str:
        """The time of a moment in the zone, as `09:00`."""
        return f"{moment.astimezone(self.zone):%H:%M}"

    def year(self, date: dt.date) -> str:
        """The year behind a date, when it is not this one."""
        return "" if date.year == self.date(self.now).year else f" {date.year}"


class Words(Protocol):
    """One language. Each method gives a whole answer."""

    def briefing(self, briefing: Briefing) -> str:
        """The day at a glance, one line for each source."""
        ...

    def weather(self, weather: Weather) -> str:
        """The weather in one sentence."""
        ...

    def events(self, events: Events, clock: Clock) -> str:
        """Events, one a line."""
        ...

    def mail(self, mail: MailSummary) -> str:
        """An inbox, with one line for each of its newest mails."""
        ...

    def reminders(self, listed: ReminderList, clock: Clock) -> str:
        """Reminders, one a line."""
        ...

    def reminder(self, reminder: Reminder, clock: Clock) -> str:
        """That a reminder was made."""
        ...

    def execution(self, execution: Execution) -> str:
        """How a system command ended, with what it printed."""
        ...

    def event_title(self, event: CreateCalendarEvent, clock: Clock) -> str:
        """An event that is to be created, in one line."""
        ...

    def mail_title(self, letter: Letter) -> str:
        """A mail that is to be sent, in one line without its text."""
        ...

    def draft_title(self, letter: Letter) -> str:
        """A mail that is to be put into the drafts, in one line without its text."""
        ...

    def pending(self, title: str, until: str) -> str:
        """That something waits for an approval until a time of day."""
        ...

    def help(self, examples: Sequence[str]) -> str:
        """What can be asked for, by examples."""
        ...

    def not_configured(self, source: Source | None, setting: str) -> str:
        """That a source was not set up, in one sentence."""
        ...

    def failed(self, source: Source | None, reason: str) -> str:
        """That a source failed, in one sentence; the reason is in English."""
        ...

    def refused(self, reason: str) -> str:
        """That a command cannot be carried out as it was given, in one sentence."""
        ...


def quote(text: str) -> str:
    """Text of others, in one line of some length."""
    return one_line(text, _MOST_CHARACTERS)


def bullets(lines: Sequence[str], more: str, total: int = 0) -> str:
    """A list; `more` is its last line when it is cut, with a place for how many of `total`."""
    shown = [f"- {line}" for line in lines[:MOST_LINES]]
    if (left := max(total, len(lines)) - len(shown)) > 0:
        shown.append(f"- {more.format(left)}")
    return "\n".join(shown)


def printed(execution: Execution) -> str:
    """What a program printed, indented; columns stay where they are."""
    lines = (execution.stdout + execution.stderr).rstrip().splitlines()
    told = [plain(line[:_MOST_CHARACTERS].expandtabs()) for line in lines[:_MOST_OUTPUT_LINES]]
    if len(lines) > len(told) or execution.truncated:
        told.append("…")
    return "".join(f"\n    {line}".rstrip() for line in told)


def command_line(execution: Execution) -> str:
    """What was executed."""
    return one_line(shlex.join(execution.argv), _MOST_CHARACTERS)


def letter_line(letter: Letter) -> str:
    """`ada@example.org, bob@example.org: Numbers`."""
    return f"{one_line(', '.join(letter.to))}: {one_line(letter.subject)}"


def event_line(event: CalendarEvent, all_day: str) -> str:
    """`09:00 Team standup (room 3)`."""
    place = f" ({quote(event.location)})" if event.location else ""
    return f"{event.time or all_day} {quote(event.title)}{place}"
