"""Tells people that a reminder is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pisovereign.events.log import EventLog
from pisovereign.events.wake import Alarms
from pisovereign.outbox.sender import Sender
from pisovereign.outbox.store import OutboxStore
from pisovereign.outbox.types import Channel, NewMessage
from pisovereign.reminders.types import Reminder
from pisovereign.storage.pool import Connection

Way = Literal["events", Channel]


class Announcer:
    """Writes down whom to tell, in the transaction in which a reminder becomes due.

    The event is its own delivery. What leaves the machine is left to the senders of the outbox.

    Args:
        ways: How reminders are told.
        events: The log that programs watch.
        outbox: Where messages to other servers wait.
        alarms: Wakes those who watch the events.
        senders: What sends them, by channel.
    """

    def __init__(
        self,
        *,
        ways: Sequence[Way],
        events: EventLog,
        outbox: OutboxStore,
        alarms: Alarms,
        senders: Sequence[Sender],
    ) -> None:
        self._ways = ways
        self._events = events
        self._outbox = outbox
        self._alarms = alarms
        self._senders = senders

    async def announce(self, connection: Connection, user: UUID, reminder: Reminder) -> None:
        """Tell of a reminder that has just become due; part of that transaction."""
        for way in self._ways:
            if way != "events":
                message = NewMessage(
                    channel=way,
                    subject=reminder.id,
                    number=reminder.snoozes,
                    text=f"\N{ALARM CLOCK} {reminder.title}",
                )
                await self._outbox.add(connection, user, message)
        if "events" in self._ways:
            await self._events.append(connection, user, "reminder_due", reminder.id, reminder)

    def wake(self, user: UUID) -> None:
        """Let it be told now; to be called after the commit."""
        self._alarms.wake(user)
        for sender in self._senders:
            sender.look(user)
