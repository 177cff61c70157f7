"""A message that somebody sends to themselves, to see whether it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

from pisovereign.connectors.notice_titles import test_text
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import Channel, Delivery, NewMessage, Way
from pisovereign.storage.pool import Database

_LOOK_S = 0.2
_OPEN = frozenset(("waiting", "sending"))


class NotificationTrial:
    """Sends test messages through the outbox, as all others are sent.

    Args:
        database: Where messages wait.
        notifications: What sends them.
        reaches: Whether a user can be told something in a way.
        longest_s: How long it is waited for what becomes of one.
    """

    def __init__(
        self,
        database: Database,
        notifications: NotificationService,
        reaches: Callable[[UUID, Way], bool],
        longest_s: float = 15.0,
    ) -> None:
        self._database = database
        self._notifications = notifications
        self._reaches = reaches
        self._longest_s = longest_s
        self._one_at_a_time = asyncio.Lock()

    async def run(self, user: UUID, way: Channel, language: Language) -> Delivery:
        """Send a test message, and return how far it got.

        Raises:
            ValidationFailed: The way is not set up for this user.
        """
        subject = uuid4()
        async with self._one_at_a_time:
            async with self._database.transaction(user) as connection:
                if not self._reaches(user, way) or not await self._notifications.wants(
                    connection, user, way
                ):
                    error = f"is {way}, which is not set up for you"
                    raise ValidationFailed([{"field": "way", "error": error}])
                message = NewMessage(
                    channel=way,
                    about="test",
                    subject=subject,
                    number=0,
                    text=test_text(language),
                    expires_s=60.0,
                )
                await self._notifications.send(connection, user, message)
            return await self._outcome(user, subject)

    async def _outcome(self, user: UUID, subject: UUID) -> Delivery:
        until = asyncio.get_running_loop().time() + self._longest_s
        while True:
            async with self._database.transaction(user) as connection:
                found = await self._notifications.deliveries(connection, user, [subject])
            (delivery,) = found[subject]
            if delivery.status not in _OPEN or asyncio.get_running_loop().time() >= until:
                return delivery
            await asyncio.sleep(_LOOK_S)
