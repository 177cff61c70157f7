"""Reading from the sources: whose, of which days, and for how long at most."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable
from typing import TypeVar
from zoneinfo import ZoneInfo

from pisovereign.actions.caller import Caller
from pisovereign.actions.results import Events, ReminderList
from pisovereign.actions.sources import Sources
from pisovereign.errors import UpstreamError
from pisovereign.integrations.mail.types import MailSummary
from pisovereign.integrations.weather.types import Weather
from pisovereign.reminders.types import ListQuery

T = TypeVar("T")


class Readings:
    """The sources, asked in the user's zone.

    Args:
        sources: Where to read.
        zone: The zone whose midnights part the days.
    """

    def __init__(self, sources: Sources, zone: ZoneInfo) -> None:
        self._sources = sources
        self.zone = zone

    async def weather(self, caller: Caller, location: str | None, limit_s: float) -> Weather:
        """The weather at a place, or at the configured one."""
        asked = self._sources.weather.current(location, caller.language)
        return await _within(limit_s, asked, "The weather service")

    async def events(
        self, caller: Caller, days: int, start: dt.datetime | None, limit_s: float
    ) -> Events:
        """The events of whole days: from today, or from the day of `start`."""
        first = (start or dt.datetime.now(dt.UTC)).astimezone(self.zone).date()
        begin, end = self._midnight(first), self._midnight(first + dt.timedelta(days))
        asked = self._sources.calendar.events(caller.identity.user_id, begin, end)
        events = await _within(limit_s, asked, "The calendar server")
        return Events(start=begin, end=end, events=events)

    async def mail(self, caller: Caller, count: int, limit_s: float) -> MailSummary:
        """The inbox, with its newest mails."""
        asked = self._sources.mail.summary(caller.identity.user_id, count)
        return await _within(limit_s, asked, "The mail server")

    async def reminders(self, caller: Caller) -> ReminderList:
        """The reminders that are not done, as many as a page of them holds."""
        query = ListQuery(status="open")
        listed, total = await self._sources.reminders.page(caller.identity.user_id, query)
        return ReminderList(reminders=listed, total=total)

    def _midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)


async def _within(limit_s: float, asked: Awaitable[T], server: str) -> T:
    """What a source says within the limit.

    Raises:
        UpstreamError: it takes longer.
    """
    try:
        async with asyncio.timeout(limit_s):
            return await asked
    except TimeoutError:
        raise UpstreamError(f"{server} did not answer within {limit_s:g} seconds") from None
