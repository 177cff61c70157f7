"""Makes reminders due when their time comes.

What is due is decided by the database, from what is stored: after a restart, a sleep of the machine
or a change of its clock the next look finds it. Every process looks; a reminder is given to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.notifications.service import Notification, NotificationService
from pisovereign.notifications.types import Way
from pisovereign.reminders.store import ReminderStore
from pisovereign.reminders.types import Reminder
from pisovereign.storage.pool import Database

_PART = 100  # reminders of one transaction
_BUSY_S = 1.0  # until what another process has locked is due


class Scheduler:
    """The loop that looks for due reminders.

    Args:
        database: Where reminders are.
        store: Their SQL.
        notifications: What tells that one is due.
        ways: How it is told.
        users: Whose reminders are looked at.
        check_s: The longest time between two looks, in seconds: how late a reminder can be when
            the clock was changed, or when another process stored it and ended before its time.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ReminderStore,
        notifications: NotificationService,
        ways: Sequence[Way],
        users: Sequence[UUID],
        check_s: float,
    ) -> None:
        self._database = database
        self._store = store
        self._notifications = notifications
        self._ways = ways
        self._users = users
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
                for reminder in due:
                    await self._notifications.notify(connection, user, self._told(reminder))
                next_s = await self._store.next_due_s(connection, user)
            if next_s is None or next_s > 0:
                return self._check_s if next_s is None else next_s
            if not due:
                return _BUSY_S

    def _told(self, reminder: Reminder) -> Notification:
        return Notification(
            ways=self._ways,
            about="reminder",
            subject=reminder.id,
            number=reminder.snoozes,
            text=f"\N{ALARM CLOCK} {reminder.title}",
            event="reminder_due",
            data=reminder,
        )
