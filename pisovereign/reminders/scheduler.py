"""Makes reminders due when their time comes.

What is due is decided by the database, from what is stored: after a restart, a sleep of the machine
or a change of its clock the next look finds it. Every process looks; a reminder is given to one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from msgspec import UNSET

from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.locales import Zones
from pisovereign.notifications.service import Notification, NotificationService
from pisovereign.notifications.types import Way
from pisovereign.reminders.recurrence import next_occurrence
from pisovereign.reminders.store import Due, ReminderStore
from pisovereign.storage.pool import Connection, Database

_PART = 100  # reminders of one transaction
_BUSY_S = 1.0  # until what another process has locked is due


class Scheduler:
    """The loop that looks for due reminders.

    Args:
        database: Where reminders are.
        store: Their SQL.
        notifications: What tells that one is due.
        ways: Returns how a user is told.
        users: Whose reminders are looked at.
        zones: Returns where a user is, and so when the days of those that repeat begin.
        check_s: The longest time between two looks, in seconds: how late a reminder can be when
            the clock was changed, or when another process stored it and ended before its time.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ReminderStore,
        notifications: NotificationService,
        ways: Callable[[UUID], Sequence[Way]],
        users: Sequence[UUID],
        zones: Zones,
        check_s: float,
    ) -> None:
        self._database = database
        self._store = store
        self._notifications = notifications
        self._ways = ways
        self._users = users
        self._zones = zones
        self._check_s = check_s
        self._periodic = PeriodicTask(self._look_at_all, "reminders wait", longest_s=check_s)
        self.start = self._periodic.start
        self.stop = self._periodic.stop
        self.wake = self._periodic.wake

    async def _look_at_all(self) -> float:
        pauses = [await self._look_at(user) for user in self._users]
        return min([self._check_s, *pauses])

    async def _look_at(self, user: UUID) -> float:
        """Make the user's reminders due; returns the seconds until the next one."""
        while True:
            async with self._database.transaction(user) as connection:
                due = await self._store.fall_due(connection, user, _PART)
                for found in due:
                    await self._notifications.notify(connection, user, self._told(user, found))
                    await self._continue(connection, user, found)
                next_s = await self._store.next_due_s(connection, user)
            if next_s is None or next_s > 0:
                return self._check_s if next_s is None else next_s
            if not due:
                return _BUSY_S

    async def _continue(self, connection: Connection, user: UUID, due: Due) -> None:
        """Store the next one of a series; those that a long sleep skipped do not come."""
        reminder = due.reminder
        if reminder.repeat is None or due.repeats_from is None or reminder.error is not UNSET:
            return
        after = max(reminder.remind_at, reminder.due_at or reminder.remind_at)
        following = next_occurrence(due.repeats_from, reminder.repeat, self._zones(user), after)
        for earlier in await self._store.continue_series(connection, user, due, following):
            await self._notifications.withdraw(connection, user, earlier)

    def _told(self, user: UUID, due: Due) -> Notification:
        reminder = due.reminder
        return Notification(
            # Whatever else is chosen: a page that is open shows and rings what is due.
            ways=tuple(dict.fromkeys(("events", *self._ways(user)))),
            about="reminder",
            subject=reminder.id,
            number=due.number,
            text=f"\N{ALARM CLOCK} {reminder.title}",
            event="reminder_due",
            data=reminder,
        )
