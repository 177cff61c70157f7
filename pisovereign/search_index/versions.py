"""Changing an owner's texts one after the other, so that each index knows what it has missed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from pisovereign.search_index.collections import Collection
from pisovereign.storage.pool import Connection, Database

KEPT_CHANGES = 1000
"""An index that missed more changes than this is loaded again."""

_VERSION = "SELECT version FROM {owners} WHERE user_id = %(user)s"
# The row's lock lets one change of an owner's texts happen at a time.
_LOCK = """
INSERT INTO {owners} (user_id, version) VALUES (%(user)s, 0)
ON CONFLICT (user_id) DO UPDATE SET version = {owners}.version
RETURNING version
"""
_ADVANCE = "UPDATE {owners} SET version = %(version)s WHERE user_id = %(user)s"
_NOTE_CHANGES = """
INSERT INTO {changes} (user_id, version, {key})
SELECT %(user)s, %(version)s, unnest(%(ids)s::uuid[]) ON CONFLICT DO NOTHING
"""
_FORGET_CHANGES = "DELETE FROM {changes} WHERE user_id = %(user)s AND version <= %(version)s"


class NewVersion:
    """A change to one owner's texts, within the transaction of `connection`.

    Attributes:
        connection: Where the change is made.
        user: The owner.
        version: What it makes of the texts.
    """

    def __init__(
        self, collection: Collection, connection: Connection, user: UUID, version: int
    ) -> None:
        self._collection = collection
        self.connection = connection
        self.user = user
        self.version = version

    async def note(self, ids: Sequence[UUID]) -> None:
        """Note that these texts were added, changed or deleted."""
        values = {"user": self.user, "version": self.version, "ids": list(ids)}
        await self.connection.execute(self._collection.sql(_NOTE_CHANGES).encode(), values)

    async def note_all(self) -> None:
        """Note so many changes that every index is loaded again."""
        await self._forget(self.version)
        self.version += KEPT_CHANGES

    async def advance(self) -> None:
        """Store the version; last, so that until then database and indexes agree on the one before.

        Of the changes twice as many are kept as are ever needed: whoever has just read a version
        finds all changes up to it.
        """
        values = {"user": self.user, "version": self.version}
        await self.connection.execute(self._collection.sql(_ADVANCE).encode(), values)
        if self.version % KEPT_CHANGES == 0:
            await self._forget(self.version - 2 * KEPT_CHANGES)

    async def _forget(self, version: int) -> None:
        values = {"user": self.user, "version": version}
        await self.connection.execute(self._collection.sql(_FORGET_CHANGES).encode(), values)


@asynccontextmanager
async def new_version(
    database: Database, collection: Collection, user: UUID, *, within_quota: bool = False
) -> AsyncIterator[NewVersion]:
    """Open a transaction in which nobody else changes this owner's texts.

    Raises:
        StorageFull: as `Database.transaction` does.
        ServiceUnavailable: the database is away, or the owner's turn did not come in time.
    """
    async with database.transaction(user, within_quota=within_quota) as connection:
        cursor = await connection.execute(collection.sql(_LOCK).encode(), {"user": user})
        row = await cursor.fetchone()
        assert row is not None
        change = NewVersion(collection, connection, user, row[0] + 1)
        yield change
        await change.advance()


async def version(connection: Connection, collection: Collection, user: UUID) -> int:
    """Return the number of the last change to the user's texts; 0 before the first one."""
    cursor = await connection.execute(collection.sql(_VERSION).encode(), {"user": user})
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def current_version(database: Database, collection: Collection, user: UUID) -> int:
    """Return what `version` does, in one round trip."""
    rows = await database.fetch(user, collection.sql(_VERSION), {"user": user})
    return int(rows[0][0]) if rows else 0
