"""Subscriptions: who wants to be told in which browser."""

from __future__ import annotations

from uuid import UUID

from pisovereign.errors import Conflict, NotFound, Refused, ValidationFailed
from pisovereign.languages import LANGUAGES, OTHERWISE
from pisovereign.net.hosts import literal, parse_url
from pisovereign.notifications.push.late_sender import LateSender
from pisovereign.notifications.push.store import PushStore
from pisovereign.notifications.push.types import HeldWith, NewSubscription, Subscription
from pisovereign.storage.pool import Connection, Database

MOST = 20  # browsers of one user


class PushService:
    """Keeps subscriptions.

    Args:
        database: Where they are.
        store: Their SQL.
        sender: Who sends.
    """

    def __init__(self, database: Database, store: PushStore, sender: LateSender) -> None:
        self._database = database
        self._store = store
        self._sender = sender

    async def public_key(self) -> str:
        """Return what browsers subscribe with."""
        return (await self._sender.get()).public_key

    async def subscribe(self, user: UUID, new: NewSubscription, held: HeldWith) -> Subscription:
        """Tell a user in one more browser; the same browser twice is one.

        It ends with the session or the key that it is `held` with.

        Raises:
            ValidationFailed: It is no subscription that can be sent to.
            Conflict: There are too many.
        """
        _require_service(new.endpoint)
        if not (await self._sender.get()).are_keys(new.keys.p256dh, new.keys.auth):
            raise ValidationFailed([{"field": "keys", "error": "are not those of a browser"}])
        if new.language not in LANGUAGES:
            new = NewSubscription(new.endpoint, new.keys, OTHERWISE)
        async with self._database.transaction(user) as connection:
            await self._store.drop_ended(connection, user)
            made = await self._store.add(connection, user, new, held)
            if await self._store.count(connection, user) > MOST:
                raise Conflict(f"{MOST} browsers are told already; remove one of them first")
        return made

    async def list(self, user: UUID) -> list[Subscription]:
        """Return where a user is told."""
        async with self._database.transaction(user) as connection:
            await self._store.drop_ended(connection, user)
            return await self._store.list(connection, user)

    async def remove(self, user: UUID, identifier: UUID) -> None:
        """Tell a user no longer in one browser.

        Raises:
            NotFound: There is no such subscription of this user.
        """
        async with self._database.transaction(user) as connection:
            if not await self._store.remove(connection, user, [identifier]):
                raise NotFound("No such subscription")

    async def reaches(self, connection: Connection, user: UUID) -> bool:
        """Return whether a user is told in any browser, in a transaction of theirs."""
        await self._store.drop_ended(connection, user)
        return await self._store.count(connection, user) > 0


def _require_service(endpoint: str) -> None:
    """Require an address that a push service may have; who is contacted, the gate decides."""
    try:
        target = parse_url(endpoint)
    except Refused as error:
        raise ValidationFailed([{"field": "endpoint", "error": error.message}]) from None
    if target.scheme != "https" or literal(target.host) is not None:
        raise ValidationFailed(
            [{"field": "endpoint", "error": "must be the https address of a push service"}]
        )
