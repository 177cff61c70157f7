"""Knows from the inbox who may be written to."""

from __future__ import annotations

from uuid import UUID

from pisovereign.storage.pool import Database
from pisovereign.webhooks.whatsapp.inbox import Inbox


class InboxWindow:
    """The 24 hours after a person's last message, in which Meta delivers free text."""

    def __init__(self, database: Database, inbox: Inbox) -> None:
        self._database = database
        self._inbox = inbox

    async def is_open(self, user: UUID, phone: str) -> bool:
        """Whether somebody may be written to."""
        async with self._database.transaction(user) as connection:
            return await self._inbox.window_is_open(connection, user, phone)
