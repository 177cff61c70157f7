"""From a result, or a failure, to the words for it."""

from __future__ import annotations

import datetime as dt

from pisovereign.actions import registry
from pisovereign.actions.messages.english import English
from pisovereign.actions.messages.german import German
from pisovereign.actions.messages.words import Clock, Words
from pisovereign.actions.results import Briefing, Events, HelpList, ReminderList, Result
from pisovereign.actions.types import Command, CreateCalendarEvent
from pisovereign.catalog.types import Execution
from pisovereign.errors import NotConfigured, PiSovereignError, ValidationFailed
from pisovereign.integrations.mail.types import Letter, MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.languages import Language
from pisovereign.reminders.types import Reminder
from pisovereign.untrusted_text import one_line


def tell(result: Result, language: Language, clock: Clock) -> str:
    """A result in words."""
    words = _words(language)
    match result:
        case Briefing():
            return words.briefing(result)
        case Weather():
            return words.weather(result)
        case Events():
            return words.events(result, clock)
        case MailSummary():
            return words.mail(result)
        case ReminderList():
            return words.reminders(result, clock)
        case Reminder():
            return words.reminder(result, clock)
        case Execution():
            return words.execution(result)
        case HelpList():
            return words.help([entry.example for entry in result.commands if entry.example])


def event_title(event: CreateCalendarEvent, language: Language, clock: Clock) -> str:
    """What an approver reads of an event, in one line that holds all of it."""
    return _words(language).event_title(event, clock)


def letter_title(letter: Letter, language: Language, *, draft: bool) -> str:
    """What an approver reads of a mail, beside its text."""
    words = _words(language)
    return words.draft_title(letter) if draft else words.mail_title(letter)


def tell_pending(title: str, expires_at: dt.datetime, language: Language, clock: Clock) -> str:
    """That something waits for an approval."""
    return _words(language).pending(one_line(title), clock.time(expires_at))


def tell_failure(command: Command, error: PiSovereignError, language: Language) -> str:
    """One sentence that says honestly why there is no result."""
    source = next(iter(registry.spec_of(command).sources), None)
    match error:
        case NotConfigured():
            return _words(language).not_configured(source, error.setting)
        case ValidationFailed():
            reason = "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
            return _words(language).refused(reason)
        case _:
            return _words(language).failed(source, error.message)


def _words(language: Language) -> Words:
    return German() if language == "de" else English()
