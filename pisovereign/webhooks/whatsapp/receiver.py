"""Takes in what a webhook brings: stored before it is acknowledged, answered afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from pisovereign.connectors.whatsapp.people import People
from pisovereign.errors import ServiceUnavailable
from pisovereign.storage.pool import Database
from pisovereign.webhooks.whatsapp import incoming
from pisovereign.webhooks.whatsapp.inbox import Inbox
from pisovereign.webhooks.whatsapp.incoming import Incoming

_log = logging.getLogger(__name__)
ACKNOWLEDGE_S = 0.8  # Meta is to have its answer within a second


class Receiver:
    """Stores messages of people who are listed; others are ignored.

    Args:
        phone_number_id: The number that messages have to be for.
        people: Who may write.
        database: Where messages are stored.
        inbox: Their SQL.
        wake: Called when there are messages to be answered.
    """

    def __init__(
        self,
        *,
        phone_number_id: str,
        people: People,
        database: Database,
        inbox: Inbox,
        wake: Callable[[], None],
    ) -> None:
        self._phone_number_id = phone_number_id
        self._people = people
        self._database = database
        self._inbox = inbox
        self._wake = wake

    async def receive(self, body: bytes) -> None:
        """Take in the body of a webhook; what it holds is stored when this returns.

        Raises:
            BadRequest: it is not in Meta's form.
            ServiceUnavailable: it cannot be stored now; Meta sends it again later.
        """
        by_user: dict[UUID, list[Incoming]] = {}
        for message in incoming.messages(body, self._phone_number_id):
            user = self._people.user(message.phone)
            if user is None:
                _log.info("ignored a WhatsApp message from a number that is not listed")
            else:
                by_user.setdefault(user, []).append(message)
        try:
            async with asyncio.timeout(ACKNOWLEDGE_S):
                for user, messages in by_user.items():
                    async with self._database.transaction(user) as connection:
                        await self._inbox.add(connection, user, messages)
                    self._wake()
        except TimeoutError:
            raise ServiceUnavailable("The message could not be stored in time") from None
