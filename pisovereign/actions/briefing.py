"""The briefing: every source at once, each with its own limit, none able to spoil the others."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import Backends, within
from pisovereign.actions.birthdays import Birthday, birthdays_on
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.current_weather import read_weather
from pisovereign.actions.find_contact import read_contacts
from pisovereign.actions.intent import Intent
from pisovereign.actions.list_events import Events, midnight, read_events
from pisovereign.actions.list_tasks import Tasks, read_tasks
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.summarize_mail import read_mail
from pisovereign.connectors.calendar.types import time_of_day
from pisovereign.connectors.email.types import MailSummary
from pisovereign.connectors.weather.types import Weather
from pisovereign.errors import NotConfigured, PiSovereignError
from pisovereign.languages.messages import Clock, Messages
from pisovereign.logs import log_unexpected
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reminders.types import ListQuery, Reminder

_MOST_REMINDERS = 50
_MOST_TASKS = 50

SourceState = str
"""`ok`, `stale` (an earlier answer), `not_configured`, or one sentence on what is wrong."""
OK, STALE, NOT_CONFIGURED = "ok", "stale", "not_configured"


class MorningBriefing(Command, frozen=True, kw_only=True):
    """Weather, today's reminders and events, and mail, at once."""


class BriefingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the briefing; `time` is None when it takes the whole day."""

    time: str | None
    title: str


class BriefingReminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that is due, or comes today."""

    time: str
    title: str


class MailCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The inbox in the briefing."""

    unread: int
    important: int


class BriefingTask(msgspec.Struct, frozen=True, kw_only=True):
    """A to-do in the briefing that is due today, or overdue."""

    title: str
    overdue: bool


class BriefingSources(msgspec.Struct, frozen=True):
    """How each source answered."""

    weather: SourceState
    calendar: SourceState
    emails: SourceState


class Briefing(msgspec.Struct, frozen=True, kw_only=True):
    """The day at a glance; a part is None exactly when its source did not give it.

    To-dos and birthdays are left out where the calendar's server does not give them.
    """

    reminders: list[BriefingReminder] | None
    weather: str | None
    calendar: list[BriefingEvent] | None
    emails: MailCounts | None
    sources: BriefingSources
    tasks: list[BriefingTask] | msgspec.UnsetType = msgspec.UNSET
    birthdays: list[Birthday] | msgspec.UnsetType = msgspec.UNSET


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(MorningBriefing, {})


class BriefingAction(DirectAction[MorningBriefing, Briefing]):
    """Asks every source."""

    spec = ActionSpec(
        name="briefing",
        type=MorningBriefing,
        result=Briefing,
        sources=("weather", "calendar", "emails", "contacts"),
        intents=(Intent("briefing", _read),),
    )

    async def run(self, caller: Caller, command: MorningBriefing) -> Briefing:
        """Return today at a glance, in the time of the slowest source."""
        backends, limit_s = self._backends, self._backends.briefing_limit_s
        # Asked once: a source may answer after midnight, and all of it is about one day.
        clock = backends.clock(caller.identity.user_id)
        day = clock.date(clock.now)
        reminders, weather, events, mail, tasks, contacts = await asyncio.gather(
            within(limit_s, _due_by(backends, caller, _end_of(day, clock)), "The database"),
            read_weather(backends, caller, None, limit_s),
            read_events(backends, caller, clock.now, 1, limit_s),
            read_mail(backends, caller, 0, limit_s),
            read_tasks(backends, caller, 1, limit_s, first=day),
            read_contacts(backends, caller, limit_s),
            return_exceptions=True,
        )
        return Briefing(
            reminders=_reminders(reminders, clock.zone),
            weather=weather.text if isinstance(weather, Weather) else None,
            calendar=_entries(events) if isinstance(events, Events) else None,
            emails=_counts(mail) if isinstance(mail, MailSummary) else None,
            sources=BriefingSources(*(_state(answer) for answer in (weather, events, mail))),
            tasks=_tasks(tasks, midnight(day, clock.zone)),
            birthdays=_birthdays(contacts, day),
        )

    def describe(self, result: Briefing, messages: Messages, clock: Clock) -> str:
        """Return the day at a glance, one part for each source that is set up."""
        states = result.sources
        parts = [
            self._part("reminders", OK, _listed(result.reminders, messages), messages),
            self._part(
                "weather", states.weather, result.weather and quote(result.weather), messages
            ),
            self._part("mail", states.emails, _mail(result.emails, messages), messages),
            self._part("calendar", states.calendar, _events(result.calendar, messages), messages),
            *_further(result, messages),
        ]
        return "\n".join(part for part in parts if part)

    def _part(self, name: str, state: SourceState, text: str | None, messages: Messages) -> str:
        """Return one part; nothing where its source is not set up."""
        if state == NOT_CONFIGURED:
            return ""
        if text is None:
            text = messages.say("briefing.not_available", reason=quote(state))
        elif state == STALE:
            text = messages.say("briefing.stale", weather=text)
        return messages.say(f"briefing.{name}", text=text)


def _further(result: Briefing, messages: Messages) -> list[str]:
    """Return the parts that are only there where there is something to say."""
    parts: list[str] = []
    if result.tasks:
        lines = [
            messages.say("briefing.overdue", task=quote(task.title))
            if task.overdue
            else quote(task.title)
            for task in result.tasks
        ]
        parts.append(messages.say("briefing.tasks", text="\n" + bullets(lines, messages)))
    if result.birthdays:
        names = [
            quote(each.name)
            if each.age is None
            else messages.say("briefing.becomes", name=quote(each.name), age=each.age)
            for each in result.birthdays
        ]
        parts.append(messages.say("briefing.birthdays", text=", ".join(names)))
    return parts


def _state(answer: object) -> SourceState:
    """Return how a source answered; even a fault of ours in one must not spoil the others."""
    match answer:
        case Weather(stale=True):
            return STALE
        case NotConfigured():
            return NOT_CONFIGURED
        case PiSovereignError():
            return answer.message
        case Exception():
            log_unexpected(answer)
            return "failed because of an internal error"
        case BaseException():
            raise answer
        case _:
            return OK


def _end_of(day: dt.date, clock: Clock) -> dt.datetime:
    return midnight(day + dt.timedelta(days=1), clock.zone)


async def _due_by(backends: Backends, caller: Caller, end: dt.datetime) -> list[Reminder]:
    """Return what is due and not done, and what comes before the day's end."""
    query = ListQuery(status="open", end=end, limit=_MOST_REMINDERS)
    listed, _ = await backends.reminders.page(caller.identity.user_id, query)
    return [reminder for reminder in listed if reminder.kind != "timer"]


def _reminders(answer: object, zone: ZoneInfo) -> list[BriefingReminder] | None:
    if not isinstance(answer, list):
        _state(answer)  # a fault of ours is in the log
        return None
    return [
        BriefingReminder(time=time_of_day(found.remind_at, zone), title=found.title)
        for found in answer
    ]


def _tasks(answer: object, today: dt.datetime) -> list[BriefingTask] | msgspec.UnsetType:
    if not isinstance(answer, Tasks):
        _state(answer)  # a fault of ours is in the log
        return msgspec.UNSET
    return [
        BriefingTask(title=task.title, overdue=task.due is not None and task.due < today)
        for task in answer.tasks[:_MOST_TASKS]
    ]


def _birthdays(answer: object, day: dt.date) -> list[Birthday] | msgspec.UnsetType:
    if not isinstance(answer, list):
        _state(answer)
        return msgspec.UNSET
    return birthdays_on(day, answer)


def _weather(text: str | None) -> str | None:
    return None if text is None else quote(text)


def _listed(found: list[BriefingReminder] | None, messages: Messages) -> str | None:
    if found is None:
        return None
    lines = [f"{reminder.time} {quote(reminder.title)}" for reminder in found]
    return "\n" + bullets(lines, messages) if lines else messages.say("briefing.no_reminders")


def _events(found: list[BriefingEvent] | None, messages: Messages) -> str | None:
    if found is None:
        return None
    all_day = messages.say("all_day")
    lines = [f"{event.time or all_day} {quote(event.title)}" for event in found]
    return "\n" + bullets(lines, messages) if lines else messages.say("briefing.no_events")


def _mail(counts: MailCounts | None, messages: Messages) -> str | None:
    if counts is None:
        return None
    return messages.say("briefing.counts", unread=counts.unread, important=counts.important)


def _entries(events: Events) -> list[BriefingEvent]:
    return [BriefingEvent(time=event.time, title=event.title) for event in events.events]


def _counts(mail: MailSummary) -> MailCounts:
    return MailCounts(unread=mail.unread, important=mail.important)
