"""Tells people that a reminder is due."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.events.log import EventLog
from pisovereign.events.wakeups import Wakeups
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import Delivery, NewMessage, Way
from pisovereign.reminders.types import Reminder
from pisovereign.storage.pool import Connection


class Announcer:
    """Writes down whom to tell, in the transaction in which a reminder becomes due.

    The event is its own delivery. What leaves the machine is left to the senders of the outbox.

    Args:
        ways: How reminders are told.
        events: The log that programs watch.
        notifications: What sends messages to other servers.
        wakeups: Wakes those who watch the events.
    """

    def __init__(
        self,
        *,
        ways: Sequence[Way],
        events: EventLog,
        notifications: NotificationService,
        wakeups: Wakeups,
    ) -> None:
        self._ways = ways
        self._events = events
        self._notifications = notifications
        self._wakeups = wakeups

    async def announce(self, connection: Connection, user: UUID, reminder: Reminder) -> None:
        """Tell of a reminder that has just become due; part of that transaction."""
        for way in self._ways:
            if way != "events":
                message = NewMessage(
                    channel=way,
                    about="reminder",
                    subject=reminder.id,
                    number=reminder.snoozes,
                    text=f"\N{ALARM CLOCK} {reminder.title}",
                )
                await self._notifications.outbox.add(connection, user, message)
        if "events" in self._ways:
            await self._events.append(connection, user, "reminder_due", reminder.id, reminder)

    def wake(self, user: UUID) -> None:
        """Let it be told now; to be called after the commit."""
        self._wakeups.wake(user)
        self._notifications.look(user)

    async def withdraw(self, connection: Connection, user: UUID, reminder: UUID) -> None:
        """Do not send what was not sent yet."""
        await self._notifications.outbox.withdraw(connection, user, reminder)

    async def forget(self, connection: Connection, user: UUID, reminder: UUID) -> None:
        """Delete everything that was told of a reminder."""
        await self._notifications.outbox.forget(connection, user, reminder)
        await self._events.forget(connection, user, reminder)

    async def deliveries(
        self, connection: Connection, user: UUID, reminders: Sequence[Reminder]
    ) -> dict[UUID, list[Delivery]]:
        """How the messages about some reminders got on."""
        identifiers = [reminder.id for reminder in reminders]
        return await self._notifications.outbox.deliveries(connection, user, identifiers)
