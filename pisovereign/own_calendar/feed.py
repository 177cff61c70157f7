"""The secret address of a person's calendar: made, removed, and found when it is asked for."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from pisovereign.accounts.callers import Caller
from pisovereign.accounts.grants import Grants
from pisovereign.accounts.secrets import SecretHash, new_token
from pisovereign.audit.service import AuditLog
from pisovereign.errors import NotFound
from pisovereign.own_calendar.feed_address import feed_path
from pisovereign.storage.pool import Database

_NOBODY = UUID(int=0)
_SHOW = "SELECT set_config('pisovereign.secret', %s, true)"
_OWNER = """
SELECT f.user_id, p.role, p.state
FROM calendar_feeds f LEFT JOIN people p ON p.id = f.user_id WHERE f.secret = %(secret)s
"""
_OF_USER = "SELECT made_at FROM calendar_feeds WHERE user_id = %(user)s"
_MAKE = """
INSERT INTO calendar_feeds (user_id, secret) VALUES (%(user)s, %(secret)s)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, made_at = now()
RETURNING made_at
"""
_REMOVE = "DELETE FROM calendar_feeds WHERE user_id = %(user)s"


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """Since when there is an address; null: there is none."""

    made_at: dt.datetime | None = None


class MadeFeed(msgspec.Struct, frozen=True, kw_only=True):
    """An address, without the name of the device before it."""

    path: str
    made_at: dt.datetime


class CalendarFeed:
    """One address of each person at most.

    Args:
        database: Where they are.
        hashes: What is stored of an address.
        grants: What people may do: who may do nothing has no address either.
        audit: Where it is told that one was made or removed.
    """

    def __init__(
        self, database: Database, hashes: SecretHash, grants: Grants, audit: AuditLog
    ) -> None:
        self._database = database
        self._hashes = hashes
        self._grants = grants
        self._audit = audit

    async def state(self, user: UUID) -> FeedState:
        """Return whether a user has an address, which itself nobody is told again."""
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_OF_USER, {"user": user})).fetchone()
        return FeedState(made_at=None if row is None else row[0])

    async def make(self, caller: Caller) -> MadeFeed:
        """Make an address; an earlier one ends.

        Raises:
            Forbidden: A program asks.
        """
        caller.require_person()
        user, secret = caller.identity.user_id, new_token()
        values = {"user": user, "secret": self._hash(secret)}
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_MAKE, values)).fetchone()
            assert row is not None
            await self._audit.add(
                connection,
                user,
                "created",
                by=caller.identity,
                kind="calendar_feed",
                subject=str(user),
                what="an address that calendar programs read events and tasks from",
            )
        return MadeFeed(path=feed_path(secret), made_at=row[0])

    async def remove(self, caller: Caller) -> None:
        """End the caller's address.

        Raises:
            NotFound: There is none.
        """
        user = caller.identity.user_id
        async with self._database.transaction(user) as connection:
            if not (await connection.execute(_REMOVE, {"user": user})).rowcount:
                raise NotFound("There is no address of the calendar")
            await self._audit.add(
                connection,
                user,
                "removed",
                by=caller.identity,
                kind="calendar_feed",
                subject=str(user),
                what="the address that calendar programs read events and tasks from",
            )

    async def owner(self, secret: str) -> UUID:
        """Return whose address this is; what cannot be one takes as long as one that is unknown.

        Raises:
            NotFound: It is nobody's, or of somebody who may do nothing now.
        """
        digest = self._hash(secret)
        async with self._database.transaction(_NOBODY) as connection:
            await connection.execute(_SHOW, (digest.hex(),))
            row = await (await connection.execute(_OWNER, {"secret": digest})).fetchone()
        if row is None or "user" not in self._grants.allowed(*row):
            raise NotFound("No such calendar")
        user: UUID = row[0]
        return user

    def _hash(self, secret: str) -> bytes:
        return self._hashes.of(f"calendar-feed {secret}")
