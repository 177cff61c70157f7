"""English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.actions.messages.words import (
    Clock,
    bullets,
    command_line,
    event_line,
    letter_line,
    printed,
    quote,
)
from pisovereign.actions.registry import Source
from pisovereign.actions.results import (
    NOT_CONFIGURED,
    STALE,
    Briefing,
    Events,
    ReminderList,
    SourceState,
)
from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.catalog.types import Execution
from pisovereign.integrations.mail.types import Letter, MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.reminders.types import Reminder
from pisovereign.untrusted_text import one_line

_SOURCES: dict[Source | None, str] = {
    "weather": "The weather",
    "calendar": "Your calendar",
    "emails": "Your mail",
    "reminders": "Your reminders",
    "catalog": "The system command",
    None: "This",
}
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ALL_DAY = "all day:"
_MORE = "and {} more"


class English:
    """What is said in English."""

    def briefing(self, briefing: Briefing) -> str:
        """The day at a glance, one part for each source."""
        states = briefing.sources
        weather = _missing(states.weather) if briefing.weather is None else quote(briefing.weather)
        weather += " (an earlier answer)" if states.weather == STALE else ""
        emails, calendar = _missing(states.emails), _missing(states.calendar)
        if briefing.emails is not None:
            emails = f"{briefing.emails.unread} unread, {briefing.emails.important} important"
        if briefing.calendar is not None:
            events = [f"{e.time or _ALL_DAY} {quote(e.title)}" for e in briefing.calendar]
            calendar = "\n" + bullets(events, _MORE) if events else "nothing today"
        return f"Weather: {weather}\nMail: {emails}\nCalendar: {calendar}"

    def weather(self, weather: Weather) -> str:
        """The weather at a place."""
        said = f"{quote(weather.location)}: {quote(weather.text)}."
        if weather.today is not None:
            said += f" Today {quote(weather.today)}."
        if weather.stale:
            said += " The weather service does not answer; this is an earlier answer of it."
        return said

    def events(self, events: Events, clock: Clock) -> str:
        """Events, one a line."""
        days = clock.days_ahead(events.end) - clock.days_ahead(events.start)
        when = day(events.start, clock)
        if days > 1:
            when += f" and the {days - 1} days after" if days > 2 else " and the day after"
        if not events.events:
            return f"Your calendar has nothing for {when}."
        lines = [event_line(event, _ALL_DAY) for event in events.events]
        if days > 1:
            dates = (clock.date(max(event.start, events.start)) for event in events.events)
            lines = [f"{_short(date)} {line}" for date, line in zip(dates, lines, strict=True)]
        return f"Your calendar for {when}:\n{bullets(lines, _MORE)}"

    def mail(self, mail: MailSummary) -> str:
        """An inbox, with one line for each of its newest mails."""
        unread = "1 unread mail" if mail.unread == 1 else f"{mail.unread} unread mails"
        said = f"You have {unread}, and {mail.important} important."
        if not mail.mails:
            return said
        lines = [quote(m.headline) + " (important)" * m.important for m in mail.mails]
        return f"{said} The newest:\n{bullets(lines, _MORE)}"

    def reminders(self, listed: ReminderList, clock: Clock) -> str:
        """Reminders, one a line."""
        if not listed.reminders:
            return "You have no reminders."
        lines = [f"{_when(r.remind_at, clock)}: {quote(r.title)}" for r in listed.reminders]
        return f"Your reminders:\n{bullets(lines, _MORE, listed.total)}"

    def reminder(self, reminder: Reminder, clock: Clock) -> str:
        """That a reminder was made."""
        return f"I will remind you {_when(reminder.remind_at, clock)}: {quote(reminder.title)}"

    def execution(self, execution: Execution) -> str:
        """How a system command ended, with what it printed."""
        line, output = command_line(execution), printed(execution)
        if execution.status == "completed":
            return f"{line}:{output}" if output else f"{line} printed nothing."
        if execution.status == "timed_out":
            return f"{line} took too long and was ended.{output}"
        code = "" if execution.exit_code is None else f" with exit code {execution.exit_code}"
        return f"{line} failed{code}.{output}"

    def event_title(self, event: CreateCalendarEvent, clock: Clock) -> str:
        """An event that is to be created, in one line."""
        first, last = clock.date(event.start), clock.date(event.end)
        until = f"{_full(last)}, " if first != last else ""
        hours = f"{clock.time(event.start)} to {until}{clock.time(event.end)}"
        when = f"{_full(first)}, {hours}"
        place = f", {one_line(event.location)}" if event.location else ""
        return f"Create the event {one_line(event.title)}: {when}{place}"

    def mail_title(self, letter: Letter) -> str:
        """A mail that is to be sent, in one line without its text."""
        return f"Send a mail to {letter_line(letter)}"

    def draft_title(self, letter: Letter) -> str:
        """A mail that is to be put into the drafts, in one line without its text."""
        return f"Put a mail into the drafts, to {letter_line(letter)}"

    def pending(self, title: str, until: str) -> str:
        """That something waits for an approval until a time of day."""
        return f"This needs an approval until {until}: {title}"

    def help(self, examples: Sequence[str]) -> str:
        """What can be asked for, by examples."""
        return f"You can ask me things like these:\n{bullets(examples, _MORE)}"

    def not_configured(self, source: Source | None, setting: str) -> str:
        """That a source was not set up, in one sentence."""
        return f"{_SOURCES[source]} is not set up yet: the configuration lacks {setting}."

    def failed(self, source: Source | None, reason: str) -> str:
        """That a source failed, in one sentence."""
        return f"{_SOURCES[source]} is not available now ({quote(reason)})."

    def refused(self, reason: str) -> str:
        """That a command cannot be carried out as it was given, in one sentence."""
        return f"I cannot do that: {quote(reason)}."


def day(moment: dt.datetime, clock: Clock) -> str:
    """`today`, or `Friday, 12 June`."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(clock.days_ahead(moment))
    date = clock.date(moment)
    return near or f"{_long(date)}{clock.year(date)}"


def _long(date: dt.date) -> str:
    return f"{_WEEKDAYS[date.weekday()]}, {date.day} {_MONTHS[date.month - 1]}"


def _full(date: dt.date) -> str:
    return f"{_long(date)} {date.year}"


def _when(moment: dt.datetime, clock: Clock) -> str:
    return f"{day(moment, clock)} at {clock.time(moment)}"


def _short(date: dt.date) -> str:
    return f"{_WEEKDAYS[date.weekday()][:3]} {date.day} {_MONTHS[date.month - 1][:3]}"


def _missing(state: SourceState) -> str:
    return "not set up yet" if state == NOT_CONFIGURED else f"not available now ({quote(state)})"
