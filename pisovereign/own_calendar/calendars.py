"""Each person's calendar: the one that they have connected, else that of the program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from pisovereign.connectors.calendar.connected import ConnectedCalendars
from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.calendar.task_types import NewTask, Task, TaskChange, TaskEdit, in_order
from pisovereign.connectors.calendar.types import CalendarEvent, Edit, EventChange, NewEvent
from pisovereign.own_calendar.calendar import OwnCalendar
from pisovereign.own_calendar.names import OWN, own_id

if TYPE_CHECKING:
    from pisovereign.connectors.calendar.source import CalDavCalendar


class Calendars:
    """A `CalendarSource`, an `EventEditor`, a `TaskSource` and a `ContactSource`.

    What somebody kept in the program before they connected a calendar stays beside it.
    """

    def __init__(self, connected: ConnectedCalendars, own: OwnCalendar) -> None:
        self._connected = connected
        self.own = own

    async def events(self, user: UUID, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
        """Return every occurrence that touches [start, end), in order of time."""
        with self._connected.using(user) as calendar:
            kept = await self.own.events(user, start, end)
            if calendar is None:
                return kept
            found = await calendar.events(user, start, end)
        if not kept:
            return found
        return sorted(found + kept, key=lambda each: (each.start, not each.all_day, each.title))

    def require(self, user: UUID, event: NewEvent) -> None:
        """Check at once what `create` would refuse."""
        with self._connected.using(user) as calendar:
            (calendar or self.own).require(user, event)

    async def create(self, user: UUID, event: NewEvent, uid: str) -> CalendarEvent:
        """Create an event; with a `uid` that is there already nothing happens."""
        with self._connected.using(user) as calendar:
            return await (calendar or self.own).create(user, event, uid)

    async def prepare(
        self, user: UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> EventChange:
        """Return a change that is ready to be made."""
        with self._holding(user, own_id(event) is not None) as calendar:
            return await calendar.prepare(user, event, edit, delete=delete)

    async def change(self, user: UUID, change: EventChange) -> str:
        """Make a change, and return the name of the calendar."""
        with self._holding(user, change.url == OWN) as calendar:
            return await calendar.change(user, change)

    async def keeps_tasks(self, user: UUID) -> bool:
        """Return whether a user has a list of tasks on a server, or tasks in the program."""
        with self._connected.using(user) as calendar:
            if calendar is not None and await calendar.tasks.keeps_tasks(user):
                return True
        return await self.own.tasks.keeps_tasks(user)

    async def tasks(self, user: UUID, *, done: bool = False) -> list[Task]:
        """Return the tasks, what is due first before the rest."""
        with self._connected.using(user) as calendar:
            kept = await self.own.tasks.tasks(user, done=done)
            if calendar is None:
                return kept
            found = await calendar.tasks.tasks(user, done=done)
        return in_order(found + kept) if kept else found

    async def add_task(self, user: UUID, task: NewTask, uid: str) -> Task:
        """Create a task; with a `uid` that is there already nothing happens."""
        with self._connected.using(user) as calendar:
            return await (calendar or self.own).tasks.add_task(user, task, uid)

    async def prepare_task(self, user: UUID, task: str, edit: TaskEdit) -> TaskChange:
        """Return a change of a task that is ready to be made."""
        with self._holding(user, own_id(task) is not None) as calendar:
            return await calendar.tasks.prepare_task(user, task, edit)

    async def change_task(self, user: UUID, change: TaskChange) -> str:
        """Make a change of a task, and return the name of its list."""
        with self._holding(user, change.url == OWN) as calendar:
            return await calendar.tasks.change_task(user, change)

    async def contacts(self, user: UUID) -> list[Contact]:
        """Return everybody in the address books of a user."""
        return await self._connected.contacts(user)

    def keeps_calendar(self, user: UUID) -> bool:
        """Return whether new events and tasks of a user stay in the program."""
        return not self._connected.is_set_up(user)

    @contextmanager
    def _holding(self, user: UUID, kept: bool) -> Iterator[CalDavCalendar | OwnCalendar]:
        """Hold what an event or a task is in: the program, or else the calendar of a user."""
        with self._connected.using(user) as calendar:
            yield self.own if kept or calendar is None else calendar
