"""German."""

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
    "weather": "Das Wetter",
    "calendar": "Der Kalender",
    "emails": "Das Postfach",
    "reminders": "Die Liste der Erinnerungen",
    "catalog": "Der Systembefehl",
    None: "Das",
}
_WEEKDAYS = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
_MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
_ALL_DAY = "ganztägig:"
_MORE = "und {} weitere"


class German:
    """What is said in German."""

    def briefing(self, briefing: Briefing) -> str:
        """The day at a glance, one part for each source."""
        states = briefing.sources
        weather = _missing(states.weather) if briefing.weather is None else quote(briefing.weather)
        weather += " (eine ältere Antwort)" if states.weather == STALE else ""
        emails, calendar = _missing(states.emails), _missing(states.calendar)
        if briefing.emails is not None:
            emails = f"{briefing.emails.unread} ungelesen, {briefing.emails.important} wichtig"
        if briefing.calendar is not None:
            events = [f"{e.time or _ALL_DAY} {quote(e.title)}" for e in briefing.calendar]
            calendar = "\n" + bullets(events, _MORE) if events else "heute nichts"
        return f"Wetter: {weather}\nMails: {emails}\nKalender: {calendar}"

    def weather(self, weather: Weather) -> str:
        """The weather at a place."""
        said = f"{quote(weather.location)}: {quote(weather.text)}."
        if weather.today is not None:
            said += f" Heute {quote(weather.today)}."
        if weather.stale:
            said += " Der Wetterdienst antwortet nicht; das ist seine letzte Antwort."
        return said

    def events(self, events: Events, clock: Clock) -> str:
        """Events, one a line."""
        days = clock.days_ahead(events.end) - clock.days_ahead(events.start)
        when = day(events.start, clock)
        if days > 1:
            when += f" und die {days - 1} Tage danach" if days > 2 else " und den Tag danach"
        if not events.events:
            return f"Im Kalender steht nichts für {when}."
        lines = [event_line(event, _ALL_DAY) for event in events.events]
        if days > 1:
            dates = (clock.date(max(event.start, events.start)) for event in events.events)
            lines = [f"{_short(date)} {line}" for date, line in zip(dates, lines, strict=True)]
        return f"Im Kalender für {when}:\n{bullets(lines, _MORE)}"

    def mail(self, mail: MailSummary) -> str:
        """An inbox, with one line for each of its newest mails."""
        unread = "1 ungelesene Mail" if mail.unread == 1 else f"{mail.unread} ungelesene Mails"
        said = f"Du hast {unread} und {mail.important} wichtige."
        if not mail.mails:
            return said
        lines = [quote(m.headline) + " (wichtig)" * m.important for m in mail.mails]
        return f"{said} Die neuesten:\n{bullets(lines, _MORE)}"

    def reminders(self, listed: ReminderList, clock: Clock) -> str:
        """Reminders, one a line."""
        if not listed.reminders:
            return "Es gibt keine Erinnerungen."
        lines = [f"{_when(r.remind_at, clock)}: {quote(r.title)}" for r in listed.reminders]
        return f"Deine Erinnerungen:\n{bullets(lines, _MORE, listed.total)}"

    def reminder(self, reminder: Reminder, clock: Clock) -> str:
        """That a reminder was made."""
        return f"Ich erinnere dich {_when(reminder.remind_at, clock)}: {quote(reminder.title)}"

    def execution(self, execution: Execution) -> str:
        """How a system command ended, with what it printed."""
        line, output = command_line(execution), printed(execution)
        if execution.status == "completed":
            return f"{line}:{output}" if output else f"{line} hat nichts ausgegeben."
        if execution.status == "timed_out":
            return f"{line} hat zu lange gebraucht und wurde beendet.{output}"
        code = "" if execution.exit_code is None else f" (Status {execution.exit_code})"
        return f"{line} ist fehlgeschlagen{code}.{output}"

    def event_title(self, event: CreateCalendarEvent, clock: Clock) -> str:
        """An event that is to be created, in one line."""
        first, last = clock.date(event.start), clock.date(event.end)
        until = f"{_full(last)}, " if first != last else ""
        hours = f"{clock.time(event.start)} bis {until}{clock.time(event.end)}"
        when = f"{_full(first)}, {hours}"
        place = f", {one_line(event.location)}" if event.location else ""
        return f"Termin anlegen, {one_line(event.title)}: {when}{place}"

    def mail_title(self, letter: Letter) -> str:
        """A mail that is to be sent, in one line without its text."""
        return f"Mail senden an {letter_line(letter)}"

    def draft_title(self, letter: Letter) -> str:
        """A mail that is to be put into the drafts, in one line without its text."""
        return f"Mail als Entwurf ablegen, an {letter_line(letter)}"

    def pending(self, title: str, until: str) -> str:
        """That something waits for an approval until a time of day."""
        return f"Das braucht bis {until} Uhr eine Freigabe: {title}"

    def help(self, examples: Sequence[str]) -> str:
        """What can be asked for, by examples."""
        return f"Du kannst mir zum Beispiel sagen:\n{bullets(examples, _MORE)}"

    def not_configured(self, source: Source | None, setting: str) -> str:
        """That a source was not set up, in one sentence."""
        missing = f"in der Konfiguration fehlt {setting}"
        return f"{_SOURCES[source]} ist noch nicht eingerichtet: {missing}."

    def failed(self, source: Source | None, reason: str) -> str:
        """That a source failed, in one sentence."""
        return f"{_SOURCES[source]} ist gerade nicht verfügbar ({quote(reason)})."

    def refused(self, reason: str) -> str:
        """That a command cannot be carried out as it was given, in one sentence."""
        return f"Das geht so nicht: {quote(reason)}."


def day(moment: dt.datetime, clock: Clock) -> str:
    """`heute`, or `Freitag, 12. Juni`."""
    near = {-1: "gestern", 0: "heute", 1: "morgen", 2: "übermorgen"}
    date = clock.date(moment)
    return near.get(clock.days_ahead(moment)) or f"{_long(date)}{clock.year(date)}"


def _long(date: dt.date) -> str:
    return f"{_WEEKDAYS[date.weekday()]}, {date.day}. {_MONTHS[date.month - 1]}"


def _full(date: dt.date) -> str:
    return f"{_long(date)} {date.year}"


def _when(moment: dt.datetime, clock: Clock) -> str:
    return f"{day(moment, clock)} um {clock.time(moment)} Uhr"


def _short(date: dt.date) -> str:
    return f"{_WEEKDAYS[date.weekday()][:2]} {date.day}.{date.month}."


def _missing(state: SourceState) -> str:
    missing = state == NOT_CONFIGURED
    return "noch nicht eingerichtet" if missing else f"gerade nicht verfügbar ({quote(state)})"
