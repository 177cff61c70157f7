"""Telling every owner of something that is the household's and not one person's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.sending import About
from pisovereign.events.types import EventKind
from pisovereign.languages import Language
from pisovereign.notifications.service import Notification, NotificationService
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection, Database


class OwnerNotice(NamedTuple):
    """A notice to the owners.

    Attributes:
        about: what it is about.
        subject: which thing of that kind.
        number: tells several notices of it apart; with the same one it is sent once.
        event: what programs that watch get to know it as.
        data: of the event.
        text: says it in a language.
    """

    about: About
    subject: UUID
    number: int
    event: EventKind
    data: Any
    text: Callable[[Language], str]


class OwnerNotices:
    """Tells owners, in the ways in which they want to be told of what waits for them.

    Args:
        database: Where what is sent is stored.
        notifications: What sends it.
        household: As whom owners are looked for.
        owners: Returns them, in any transaction.
        ways: How a user is told.
        language: Returns a user's language.
    """

    def __init__(
        self,
        *,
        database: Database,
        notifications: NotificationService,
        household: UUID,
        owners: Callable[[Connection], Awaitable[Sequence[UUID]]],
        ways: Callable[[UUID], Sequence[Way]],
        language: Callable[[UUID], Awaitable[Language]],
    ) -> None:
        self._database = database
        self._notifications = notifications
        self._household = household
        self._owners = owners
        self._ways = ways
        self._language = language

    async def tell(self, notice: OwnerNotice) -> None:
        """Tell every owner; what cannot be sent now is sent later."""
        async with self._database.transaction(self._household) as connection:
            owners = await self._owners(connection)
        for owner in owners:
            told = Notification(
                ways=tuple(dict.fromkeys(("events", *self._ways(owner)))),
                about=notice.about,
                subject=notice.subject,
                number=notice.number,
                text=notice.text(await self._language(owner)),
                event=notice.event,
                data=notice.data,
            )
            async with self._database.transaction(owner) as connection:
                await self._notifications.notify(connection, owner, told)
