"""The events of people who have connected no calendar."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

from pisovereign.connectors.calendar.types import (
    CalendarEvent,
    Edit,
    EventChange,
    NewEvent,
    time_of_day,
)
from pisovereign.errors import UpstreamError, ValidationFailed
from pisovereign.locales import Zones
from pisovereign.own_calendar.names import NAME
from pisovereign.own_calendar.objects import OwnObjects
from pisovereign.own_calendar.store import KeptObject, ObjectToStore
from pisovereign.own_calendar.tasks import OwnTasks

_MOST_EVENTS = 5000
_LONGEST = dt.timedelta(days=366)


class OwnCalendar:
    """A `CalendarSource` and an `EventEditor`; `tasks` is the `TaskSource`.

    Args:
        objects: What is stored.
        zones: Returns where one of them is.
    """

    def __init__(self, objects: OwnObjects, zones: Zones) -> None:
        self._objects = objects
        self._zones = zones
        self.tasks = OwnTasks(objects, zones)

    async def close(self) -> None:
        """End what is still being read."""
        await self._objects.close()

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Return every occurrence that touches [start, end), in order of time.

        Raises:
            UpstreamError: There are too many.
        """
        async with self._objects.database.transaction(user) as connection:
            rows = await self._objects.store.in_range(
                connection, user, start, end, _MOST_EVENTS + 1
            )
        if len(rows) > _MOST_EVENTS:
            raise UpstreamError(f"There are more than {_MOST_EVENTS} events: ask for fewer days")
        stored = await self._objects.store.opened(user, rows)
        if not stored:
            return []
        return await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.events(stored, start, end)
        )

    async def file(self, user: UUID) -> bytes:
        """Return all events and tasks of a user as one iCalendar file."""
        kept = [each.text for each in await self.everything(user)]
        return await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.merged(kept)
        )

    async def file_version(self, user: UUID) -> str:
        """Return the ETag of the file of a user: another one after each change."""
        async with self._objects.database.transaction(user) as connection:
            versions = await self._objects.store.versions(connection, user)
        whole = hashlib.blake2b(digest_size=16)
        for identifier, version in versions:
            whole.update(identifier.bytes + version.bytes)
        return f'"{whole.hexdigest()}"'

    async def everything(self, user: UUID) -> list[KeptObject]:
        """Return all events and tasks of a user, as they are stored."""
        async with self._objects.database.transaction(user) as connection:
            rows = await self._objects.store.everything(connection, user)
        return await self._objects.store.kept(user, rows)

    def require(self, user: UUID, event: NewEvent) -> None:
        """Check at once what `create` would refuse.

        Raises:
            ValidationFailed: The event ends before it starts, or takes longer than a year.
        """
        if not dt.timedelta(0) < event.end - event.start <= _LONGEST:
            raise ValidationFailed(
                [{"field": "end", "error": "must be after the start, by a year at most"}]
            )

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Create an event; with a `uid` that is there already nothing happens.

        Raises:
            ValidationFailed: It ends before it starts, or takes longer than a year.
            Conflict: There are too many.
            StorageFull: The user keeps as much as they may.
        """
        self.require(user, event)
        start, end = event.start.astimezone(dt.UTC), event.end.astimezone(dt.UTC)
        text = await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.new_event(event, uid)
        )
        new = ObjectToStore(kind="event", text=text, begins=start, ends=end)
        identifier = await self._objects.add(user, uid, new)
        return CalendarEvent(
            time=time_of_day(start, self._zones(user)),
            title=event.title,
            start=start,
            end=end,
            location=event.location,
            calendar=NAME,
            id=str(identifier),
        )

    async def prepare(
        self, user: UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> EventChange:
        """Return a change that is ready to be made.

        Raises:
            NotFound: There is no such event.
            ValidationFailed: It cannot be changed in this way.
        """
        stored = await self._objects.get(user, event, "event")
        return await self._objects.with_texts(
            user, self._zones(user), lambda texts: texts.changed_event(stored, edit, delete=delete)
        )

    async def change(self, user: UUID, change: EventChange) -> str:
        """Make a change, which may be made already, and return the name of the calendar.

        Raises:
            Conflict: The event was changed meanwhile.
        """
        if change.text is None or change.after is None:
            await self._objects.remove(user, change.id, change.etag)
            return NAME
        new = ObjectToStore(
            kind="event", text=change.text, begins=change.after.start, ends=change.after.end
        )
        await self._objects.replace(user, change.id, change.etag, change.mark, new)
        return NAME
