"""The user's calendars, as commands read from and write to them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.connectors.blocking import BlockingPool, Deadline
from pisovereign.connectors.calendar.changes import EventChanges, IdempotentWriter
from pisovereign.connectors.calendar.client import SERVER, CalDavClient
from pisovereign.connectors.calendar.contacts import CardDavContacts
from pisovereign.connectors.calendar.editing import new_event_text
from pisovereign.connectors.calendar.objects import calendar_with, list_objects, put_new_object
from pisovereign.connectors.calendar.reader import ReadRequest, ReadResult
from pisovereign.connectors.calendar.reader_process import ReaderProcess
from pisovereign.connectors.calendar.tasks import CalDavTasks
from pisovereign.connectors.calendar.types import (
    CalendarEvent,
    Edit,
    EventChange,
    NewEvent,
    event_of,
    time_of_day,
)
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.health import CachedCheck
from pisovereign.locales import Zones

T = TypeVar("T")

_log = logging.getLogger(__name__)
MOST_EVENTS = 5000
_LONGEST = dt.timedelta(days=366)
# The share of the time limit that computing the occurrences gets at least.
_READING = 0.5


class CalDavCalendar:
    """The calendars of one account; a `CalendarSource`.

    Args:
        caldav: the account.
        owners: the users whose calendars these are.
        zones: returns where one of them is.
        limit_s: longest time that anything takes.
        carddav: the account with the address books, if that is another one.
    """

    def __init__(
        self,
        caldav: CalDavClient,
        *,
        owners: frozenset[UUID],
        zones: Zones,
        limit_s: float,
        carddav: CalDavClient | None = None,
    ) -> None:
        self._caldav = caldav
        self._owners = owners
        self._zones = zones
        self._limit_s = limit_s
        self._writer = IdempotentWriter(caldav, limit_s)
        self._changes = EventChanges(caldav, limit_s)
        self._pool = BlockingPool("caldav", most_waiting=16)
        self.tasks = CalDavTasks(caldav, self._pool, owners=owners, zones=zones, limit_s=limit_s)
        self.contacts = CardDavContacts(
            carddav or caldav, self._pool, owners=owners, limit_s=limit_s
        )
        self.health = CachedCheck(self.check)

    @property
    def busy(self) -> bool:
        """Return whether something is being read or written."""
        return self._pool.busy

    def belongs_to(self, user: UUID) -> bool:
        """Return whether these are this user's calendars."""
        return user in self._owners

    async def close(self) -> None:
        """Cut the connections of what is being read."""
        await self._pool.close()

    async def check(self) -> None:
        """Check that the server answers for the account.

        Raises:
            UpstreamError: it does not answer, or not usefully.
        """
        await self._run(self._caldav.check)

    async def probe(self) -> str:
        """Ask the server now, and return what there is in a few words.

        Raises:
            UpstreamError: it does not answer, or not usefully.
        """
        return await self._run(self._caldav.describe)

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Return every occurrence that touches [start, end), in order of time.

        Raises:
            NotConfigured: the calendars are somebody else's.
            UpstreamError: they cannot be read.
        """
        self._check(user)
        zone = self._zones(user)
        return await self._run(lambda deadline: self._read(start, end, zone, deadline))

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Create an event; with a `uid` that is there already nothing happens.

        Once begun it is brought to an end, also when nobody waits for it any more.

        Raises:
            NotConfigured: the calendars are somebody else's.
            ValidationFailed: it ends before it starts, or takes longer than a year.
            UpstreamError: it is not there, or nobody knows; the same `uid` may be tried again.
        """
        self.require(user, event)
        zone = self._zones(user)
        text = new_event_text(event, uid, zone)
        name = await self._write(
            lambda: self._writer.run(
                lambda connection: put_new_object(
                    connection, connection.calendar_for_new(), uid, text
                ),
                lambda connection: calendar_with(connection, connection.calendar_for_new(), uid),
            )
        )
        return CalendarEvent(
            time=time_of_day(event.start, zone),
            title=event.title,
            start=event.start.astimezone(dt.UTC),
            end=event.end.astimezone(dt.UTC),
            location=event.location,
            calendar=name,
        )

    def require(self, user: UUID, event: NewEvent) -> None:
        """Check at once what `create` would refuse.

        Raises:
            NotConfigured: the calendars are somebody else's.
            ValidationFailed: the event ends before it starts, or takes longer than a year.
        """
        self._check(user)
        if not dt.timedelta(0) < event.end - event.start <= _LONGEST:
            raise ValidationFailed(
                [{"field": "end", "error": "must be after the start, by a year at most"}]
            )

    async def prepare(
        self, user: UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> EventChange:
        """Prepare a change of an event, or its deletion, with the event before and after.

        Raises:
            NotConfigured: the calendars are somebody else's.
            NotFound: there is no such event.
            ValidationFailed: it cannot be changed in this way.
            UpstreamError: the calendar cannot be read.
        """
        self._check(user)
        zone = self._zones(user)
        return await self._run(
            lambda deadline: self._changes.prepare(event, edit, zone, deadline, delete=delete)
        )

    async def change(self, user: UUID, change: EventChange) -> str:
        """Make a change that was prepared, and return the name of the calendar.

        Once begun it is brought to an end, and may be called again for the same change.

        Raises:
            NotConfigured: the calendars are somebody else's.
            Conflict: somebody changed the event meanwhile.
            UpstreamError: it failed, or nobody knows whether it did.
        """
        self._check(user)
        return await self._write(lambda: self._changes.apply(change))

    async def _write(self, work: Callable[[], str]) -> str:
        # A write has limits of its own, and is not to be cut off where nobody knows how far it is.
        return await self._pool.run(lambda _: work(), self._limit_s + 1.0, SERVER, cut=False)

    async def _run(self, work: Callable[[Deadline], T]) -> T:
        return await self._pool.run(work, self._limit_s, SERVER)

    def _check(self, user: UUID) -> None:
        if user not in self._owners:
            raise NotConfigured("The calendar", "caldav.users")

    def _read(
        self, start: dt.datetime, end: dt.datetime, zone: ZoneInfo, deadline: Deadline
    ) -> list[CalendarEvent]:
        with ReaderProcess() as reading:
            with self._caldav.connect(deadline) as connection:
                objects = list_objects(connection, start, end)
            result = reading.ask(
                ReadRequest(
                    zone=zone.key,
                    start=start,
                    end=end,
                    most=MOST_EVENTS,
                    limit_s=max(deadline.left_s(), self._limit_s * _READING),
                    objects=objects,
                ),
                ReadResult,
            )
        if result.skipped:
            _log.warning("%d events of the calendar cannot be read", result.skipped)
        if result.too_many:
            raise UpstreamError(f"There are more than {MOST_EVENTS} events: ask for fewer days")
        return [
            event_of(f.occurrence, zone, f.calendar, f.id if f.occurrence.single else None)
            for f in result.found
        ]
