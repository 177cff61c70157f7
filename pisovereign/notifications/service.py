"""The outbox and everything that sends from it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.events.log import EventLog
from pisovereign.events.wakeups import Wakeups
from pisovereign.notifications.channel import SendingChannel
from pisovereign.notifications.sender import Sender
from pisovereign.notifications.store import OutboxStore
from pisovereign.storage.pool import Database


class NotificationService:
    """The outbox, and a sender for each channel that is configured."""

    def __init__(
        self,
        outbox: OutboxStore,
        channels: Sequence[SendingChannel],
        *,
        database: Database,
        events: EventLog,
        wakeups: Wakeups,
        users: Sequence[UUID],
    ) -> None:
        self.outbox = outbox
        self.senders = [
            Sender(
                channel=channel,
                database=database,
                store=outbox,
                events=events,
                wakeups=wakeups,
                users=users,
            )
            for channel in channels
        ]

    def look(self, user: UUID) -> None:
        """Send what was stored for a user now."""
        for sender in self.senders:
            sender.look(user)
