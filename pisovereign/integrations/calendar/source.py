"""The user's calendars, as commands read from and write to them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.health import CachedCheck
from pisovereign.integrations.calendar.changes import Changes
from pisovereign.integrations.calendar.client import CalDav
from pisovereign.integrations.calendar.deadline import Deadline
from pisovereign.integrations.calendar.event import event_text
from pisovereign.integrations.calendar.objects import objects_between
from pisovereign.integrations.calendar.once import Once
from pisovereign.integrations.calendar.reader import ReadRequest
from pisovereign.integrations.calendar.reading import Reading
from pisovereign.integrations.calendar.showing import clock, shown
from pisovereign.integrations.calendar.threads import Threads
from pisovereign.integrations.calendar.types import CalendarEvent, ChangeOfEvent, Edit, NewEvent
from pisovereign.integrations.calendar.writes import holder, put_new

_log = logging.getLogger(__name__)
MOST_EVENTS = 5000
_LONGEST = dt.timedelta(days=366)
# Of the time that there is, for what was to be read to be computed.
_READING = 0.5


class CalDavCalendar:
    """The calendars of one account; a `CalendarSource`.

    Args:
        caldav: the account.
        owners: the users whose calendars these are.
        zone: their time zone.
        limit_s: longest time that anything takes.
    """

    def __init__(
        self, caldav: CalDav, *, owners: frozenset[UUID], zone: ZoneInfo, limit_s: float
    ) -> None:
        self._caldav = caldav
        self._owners = owners
        self._zone = zone
        self._limit_s = limit_s
        self._once = Once(caldav, limit_s)
        self._changes = Changes(caldav, zone, limit_s)
        self._threads = Threads("caldav")
        self.health = CachedCheck(self.check)

    @property
    def busy(self) -> bool:
        """Whether something is being read or written."""
        return self._threads.busy

    async def close(self) -> None:
        """Let go of what is being read."""
        self._threads.close()

    async def check(self) -> None:
        """Ask the server for the account.

        Raises:
            UpstreamError: it does not answer, or not usefully.
        """
        deadline = Deadline(self._limit_s)
        await self._threads.run(lambda: self._caldav.check(deadline), self._limit_s, deadline.cut)

    async def probe(self) -> str:
        """What there is, in a few words; asks the server.

        Raises:
            UpstreamError: it does not answer, or not usefully.
        """
        deadline = Deadline(self._limit_s)
        return await self._threads.run(
            lambda: self._caldav.describe(deadline), self._limit_s, deadline.cut
        )

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Every occurrence that touches [start, end), in order of time.

        Raises:
            NotConfigured: the calendars are somebody else's.
            UpstreamError: they cannot be read.
        """
        self._check(user)
        deadline = Deadline(self._limit_s)
        return await self._threads.run(
            lambda: self._read(start, end, deadline), self._limit_s, deadline.cut
        )

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Put an event into the calendar; with a `uid` that is there already nothing happens.

        Once begun it is brought to an end, also when nobody waits for it any more.

        Raises:
            NotConfigured: the calendars are somebody else's.
            ValidationFailed: it ends before it starts, or takes longer than a year.
            UpstreamError: it is not there, or nobody knows; the same `uid` may be tried again.
        """
        self.require(user, event)
        text = event_text(event, uid, self._zone)
        name = await self._write(
            lambda: self._once.carry_out(
                lambda connection: put_new(connection, uid, text),
                lambda connection: holder(connection, uid),
            )
        )
        return CalendarEvent(
            time=clock(event.start, self._zone),
            title=event.title,
            start=event.start.astimezone(dt.UTC),
            end=event.end.astimezone(dt.UTC),
            location=event.location,
            calendar=name,
        )

    def require(self, user: UUID, event: NewEvent) -> None:
        """Refuse at once what `create` would refuse.

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
    ) -> ChangeOfEvent:
        """A change of an event, or its deletion, with what the event is now and would be.

        Raises:
            NotConfigured: the calendars are somebody else's.
            NotFound: there is no such event.
            ValidationFailed: it cannot be changed in this way.
            UpstreamError: the calendar cannot be read.
        """
        self._check(user)
        deadline = Deadline(self._limit_s)
        return await self._threads.run(
            lambda: self._changes.prepare(event, edit, deadline, delete=delete),
            self._limit_s,
            deadline.cut,
        )

    async def change(self, user: UUID, change: ChangeOfEvent) -> str:
        """Make a change that was prepared; returns the name of the calendar.

        Once begun it is brought to an end, and may be called again for the same change.

        Raises:
            NotConfigured: the calendars are somebody else's.
            Conflict: somebody changed the event meanwhile.
            UpstreamError: it failed, or nobody knows whether it did.
        """
        self._check(user)
        return await self._write(lambda: self._changes.make(change))

    async def _write(self, work: Callable[[], str]) -> str:
        # A write has limits of its own, and is not to be cut off where nobody knows how far it is.
        return await self._threads.run(work, self._limit_s + 1.0, _let_it_end)

    def _check(self, user: UUID) -> None:
        if user not in self._owners:
            raise NotConfigured("The calendar", "caldav.users")

    def _read(
        self, start: dt.datetime, end: dt.datetime, deadline: Deadline
    ) -> list[CalendarEvent]:
        with Reading() as reading:
            with self._caldav.connected(deadline) as connection:
                objects = objects_between(connection, start, end)
            result = reading.read(
                ReadRequest(
                    zone=self._zone.key,
                    start=start,
                    end=end,
                    most=MOST_EVENTS,
                    limit_s=max(deadline.left_s(), self._limit_s * _READING),
                    objects=objects,
                )
            )
        if result.skipped:
            _log.warning("%d events of the calendar cannot be read", result.skipped)
        if result.too_many:
            raise UpstreamError(f"There are more than {MOST_EVENTS} events: ask for fewer days")
        return [
            shown(f.occurrence, self._zone, f.calendar, f.id if f.occurrence.single else None)
            for f in result.found
        ]


def _let_it_end() -> None:
    pass
