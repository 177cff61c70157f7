"""The briefing: every source at once, each with its own limit, none able to spoil the others."""

from __future__ import annotations

import asyncio

from pisovereign.actions.caller import Caller
from pisovereign.actions.queries import Readings
from pisovereign.actions.results import (
    NOT_CONFIGURED,
    OK,
    STALE,
    Briefing,
    BriefingEvent,
    BriefingSources,
    Events,
    MailCounts,
    SourceState,
)
from pisovereign.errors import NotConfigured, PiSovereignError
from pisovereign.integrations.mail.types import MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.logs import log_unexpected


async def brief(readings: Readings, caller: Caller, limit_s: float) -> Briefing:
    """Today at a glance, in the time of the slowest source; that is at most `limit_s` seconds."""
    weather, events, mail = await asyncio.gather(
        readings.weather(caller, None, limit_s),
        readings.events(caller, 1, None, limit_s),
        readings.mail(caller, 0, limit_s),
        return_exceptions=True,
    )
    return Briefing(
        weather=weather.text if isinstance(weather, Weather) else None,
        calendar=_entries(events) if isinstance(events, Events) else None,
        emails=_counts(mail) if isinstance(mail, MailSummary) else None,
        sources=BriefingSources(*(_state(reading) for reading in (weather, events, mail))),
    )


def _state(reading: object) -> SourceState:
    """How a source answered; also a fault of ours in one must not take the others along."""
    match reading:
        case Weather(stale=True):
            return STALE
        case NotConfigured():
            return NOT_CONFIGURED
        case PiSovereignError():
            return reading.message
        case Exception():
            log_unexpected(reading)
            return "failed because of an internal error"
        case BaseException():
            raise reading
        case _:
            return OK


def _entries(events: Events) -> list[BriefingEvent]:
    return [BriefingEvent(time=event.time, title=event.title) for event in events.events]


def _counts(mail: MailSummary) -> MailCounts:
    return MailCounts(unread=mail.unread, important=mail.important)
