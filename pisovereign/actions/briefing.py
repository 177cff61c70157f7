"""The briefing: every source at once, each with its own limit, none able to spoil the others."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.current_weather import read_weather
from pisovereign.actions.list_events import Events, read_events
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.summarize_mail import read_mail
from pisovereign.errors import NotConfigured, PiSovereignError
from pisovereign.integrations.mail.types import MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.languages.messages import Clock, Messages
from pisovereign.logs import log_unexpected

SourceState = str
"""`ok`, `stale` (an earlier answer), `not_configured`, or one sentence on what is wrong."""
OK, STALE, NOT_CONFIGURED = "ok", "stale", "not_configured"


class MorningBriefing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Weather, today's events and mail, at once."""


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


class BriefingAction(DirectAction[MorningBriefing, Briefing]):
    """Asks every source."""

    spec = ActionSpec(
        name="briefing",
        type=MorningBriefing,
        result=Briefing,
        sources=("weather", "calendar", "emails"),
    )

    async def run(self, caller: Caller, command: MorningBriefing) -> Briefing:
        """Return today at a glance, in the time of the slowest source."""
        backends, limit_s = self._backends, self._backends.briefing_limit_s
        weather, events, mail = await asyncio.gather(
            read_weather(backends, caller, None, limit_s),
            read_events(backends, caller, dt.datetime.now(dt.UTC), 1, limit_s),
            read_mail(backends, caller, 0, limit_s),
            return_exceptions=True,
        )
        return Briefing(
            weather=weather.text if isinstance(weather, Weather) else None,
            calendar=_entries(events) if isinstance(events, Events) else None,
            emails=_counts(mail) if isinstance(mail, MailSummary) else None,
            sources=BriefingSources(*(_state(answer) for answer in (weather, events, mail))),
        )

    def describe(self, result: Briefing, messages: Messages, clock: Clock) -> str:
        """Return the day at a glance, one part for each source."""
        states = result.sources
        weather, mail, calendar = (
            _missing(state, messages) for state in (states.weather, states.emails, states.calendar)
        )
        if result.weather is not None:
            weather = quote(result.weather)
            if states.weather == STALE:
                weather = messages.say("briefing.stale", weather=weather)
        if result.emails is not None:
            counts = result.emails
            mail = messages.say("briefing.mail", unread=counts.unread, important=counts.important)
        if result.calendar is not None:
            all_day = messages.say("all_day")
            lines = [f"{event.time or all_day} {quote(event.title)}" for event in result.calendar]
            nothing = messages.say("briefing.no_events")
            calendar = "\n" + bullets(lines, messages) if lines else nothing
        return messages.say("briefing", weather=weather, mail=mail, calendar=calendar)


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


def _missing(state: SourceState, messages: Messages) -> str:
    if state == NOT_CONFIGURED:
        return messages.say("briefing.not_configured")
    return messages.say("briefing.not_available", reason=quote(state))


def _entries(events: Events) -> list[BriefingEvent]:
    return [BriefingEvent(time=event.time, title=event.title) for event in events.events]


def _counts(mail: MailSummary) -> MailCounts:
    return MailCounts(unread=mail.unread, important=mail.important)
