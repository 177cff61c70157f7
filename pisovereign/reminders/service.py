"""Rules of reminders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import UUID, uuid4

import msgspec

from pisovereign.errors import Conflict, NotFound, ValidationFailed
from pisovereign.locales import Zones
from pisovereign.notifications.service import NotificationService
from pisovereign.reminders.recurrence import first_occurrence
from pisovereign.reminders.scheduler import Scheduler
from pisovereign.reminders.store import ReminderStore
from pisovereign.reminders.types import (
    ListQuery,
    NewReminder,
    Reminder,
    ReminderPatch,
    ReminderSettled,
    State,
    remind_at_rule,
)
from pisovereign.storage.pool import Connection, Database

_STATES: dict[str | None, list[State]] = {
    None: ["scheduled", "due", "done"],
    "open": ["scheduled", "due"],
    "scheduled": ["scheduled"],
    "due": ["due"],
    "done": ["done"],
}


class ReminderService:
    """The rules; nothing here delivers anything.

    Args:
        snooze_minutes: Returns by how much a user's reminder is put off if nobody says.
        database: Where reminders are.
        store: Their SQL.
        notifications: What withdraws messages about them.
        scheduler: What makes them due.
        zones: Returns where a user is, and so when days begin.
    """

    def __init__(
        self,
        *,
        snooze_minutes: Callable[[UUID], int],
        database: Database,
        store: ReminderStore,
        notifications: NotificationService,
        scheduler: Scheduler,
        zones: Zones,
    ) -> None:
        self._snooze_minutes = snooze_minutes
        self._database = database
        self._store = store
        self._notifications = notifications
        self._scheduler = scheduler
        self._zones = zones

    async def create(
        self, user: UUID, new: NewReminder, identifier: UUID | None = None
    ) -> Reminder:
        """Remind of something at some time; with an id, once however often it is asked for.

        Raises:
            ValidationFailed: the time is past, or too far away.
        """
        if error := remind_at_rule(new.remind_at):
            raise ValidationFailed([{"field": "remind_at", "error": error}])
        if new.repeat is not None:
            first = first_occurrence(new.remind_at, new.repeat, self._zones(user))
            new = msgspec.structs.replace(new, remind_at=first)
        async with self._database.transaction(user, within_quota=True) as connection:
            reminder = await self._store.add(connection, user, new, identifier or uuid4())
        self._scheduler.wake()
        return reminder

    async def find(self, user: UUID, reminder: UUID) -> Reminder | None:
        """Return one reminder; None: unknown, or somebody else's."""
        async with self._database.transaction(user) as connection:
            return await self._store.get(connection, user, reminder)

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Reminder], int]:
        """Return a page of the user's reminders, the earliest first, and how many there are."""
        async with self._database.transaction(user) as connection:
            listed, total = await self._store.page(connection, user, _STATES[query.status], query)
            return await self._with_deliveries(connection, user, listed), total

    async def get(self, user: UUID, reminder: UUID) -> Reminder:
        """Return one reminder.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            return await self._get(connection, user, reminder)

    async def snooze(self, user: UUID, reminder: UUID, minutes: int | None) -> Reminder:
        """Put a reminder off, from now or, if it is still to come, from its time.

        Raises:
            NotFound: unknown, or somebody else's.
            Conflict: it is done, or was put off too often.
        """
        minutes = minutes or self._snooze_minutes(user)
        async with self._database.transaction(user) as connection:
            was_due = await self._is_due(connection, user, reminder)
            later = await self._store.snooze(connection, user, reminder, minutes)
            if later is None:
                present = await self._get(connection, user, reminder)
                raise Conflict(_why_not(present))
            await self._notifications.withdraw(connection, user, reminder)
            await self._settled(connection, user, was_due, later.status)
        self._scheduler.wake()
        return later

    async def change(self, user: UUID, reminder: UUID, patch: ReminderPatch) -> Reminder:
        """Give a reminder another title, time or sound; with a time it is scheduled again.

        Raises:
            ValidationFailed: nothing is to be different.
            NotFound: unknown, or somebody else's.
            Conflict: it is done.
        """
        if patch == ReminderPatch():
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])
        async with self._database.transaction(user) as connection:
            was_due = await self._is_due(connection, user, reminder)
            changed = await self._store.change(connection, user, reminder, patch)
            if changed is None:
                await self._get(connection, user, reminder)
                raise Conflict("The reminder is done")
            if patch.remind_at is not None:
                await self._notifications.withdraw(connection, user, reminder)
                await self._settled(connection, user, was_due, changed.status)
        self._scheduler.wake()
        return changed

    async def finish(self, user: UUID, reminder: UUID) -> Reminder:
        """Mark a reminder as done; once more changes nothing.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            was_due = await self._is_due(connection, user, reminder)
            await self._store.finish(connection, user, reminder)
            await self._notifications.withdraw(connection, user, reminder)
            finished = await self._get(connection, user, reminder)
            await self._settled(connection, user, was_due, finished.status)
            return finished

    async def delete(self, user: UUID, reminder: UUID) -> None:
        """Delete a reminder, and what was told of it.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            was_due = await self._is_due(connection, user, reminder)
            if not await self._store.delete(connection, user, reminder):
                raise NotFound("No such reminder")
            await self._notifications.forget(connection, user, reminder)
            await self._settled(connection, user, was_due, "deleted")

    async def end_series(self, user: UUID, series: UUID) -> None:
        """Delete what is open of a series, and what was told of it."""
        async with self._database.transaction(user) as connection:
            for ended, state in await self._store.end_series(connection, user, series):
                await self._notifications.forget(connection, user, ended)
                await self._settled(
                    connection, user, {ended} if state == "due" else set(), "deleted"
                )

    async def prune(self, user: UUID, days: int, limit: int) -> int:
        """Delete some reminders that have been done for so many days; return how many."""
        async with self._database.transaction(user) as connection:
            pruned = await self._store.prune(connection, user, days, limit)
            for reminder in pruned:
                await self._notifications.forget(connection, user, reminder)
        return len(pruned)

    async def _is_due(self, connection: Connection, user: UUID, reminder: UUID) -> set[UUID]:
        found = await self._store.get(connection, user, reminder)
        return {reminder} if found is not None and found.status == "due" else set()

    async def _settled(
        self,
        connection: Connection,
        user: UUID,
        were_due: set[UUID],
        status: State | Literal["deleted"],
    ) -> None:
        """Let pages that show a reminder as due know that somebody saw to it."""
        for reminder in were_due:
            told = ReminderSettled(id=reminder, status=status)
            await self._notifications.publish(connection, user, "reminder_settled", reminder, told)

    async def _get(self, connection: Connection, user: UUID, reminder: UUID) -> Reminder:
        found = await self._store.get(connection, user, reminder)
        if found is None:
            raise NotFound("No such reminder")
        (complete,) = await self._with_deliveries(connection, user, [found])
        return complete

    async def _with_deliveries(
        self, connection: Connection, user: UUID, reminders: list[Reminder]
    ) -> list[Reminder]:
        identifiers = [reminder.id for reminder in reminders]
        by_id = await self._notifications.deliveries(connection, user, identifiers)
        return [msgspec.structs.replace(r, deliveries=by_id.get(r.id, [])) for r in reminders]


def _why_not(reminder: Reminder) -> str:
    if reminder.status == "done":
        return "The reminder is done"
    return f"The reminder was put off {reminder.snoozes} times already"
