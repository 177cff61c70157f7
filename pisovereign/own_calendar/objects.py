"""The stored objects of a user, each changed only in the version that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.connectors.blocking import BlockingPool
from pisovereign.errors import Conflict, NotFound
from pisovereign.own_calendar.names import own_id
from pisovereign.own_calendar.store import (
    MOST_OBJECTS,
    Kind,
    ObjectStore,
    ObjectToStore,
    StoredObject,
    object_id,
)
from pisovereign.own_calendar.turns import Turns
from pisovereign.storage.pool import Database

if TYPE_CHECKING:
    from pisovereign.own_calendar.texts import Texts

T = TypeVar("T")
# Beyond what a reader process takes for itself.
_LIMIT_S = 35.0
_NONE = "No such event or task"


class OwnObjects:
    """Stores objects, and asks for what is in them.

    Args:
        database: Where they are.
        store: The statements.
    """

    def __init__(self, database: Database, store: ObjectStore) -> None:
        self.database = database
        self.store = store
        self._pool = BlockingPool("own-calendar", most_waiting=16)
        self._turns = Turns()

    async def close(self) -> None:
        """Wait for nothing that is still being read."""
        await self._pool.close()

    async def with_texts(self, user: UUID, zone: ZoneInfo, work: Callable[[Texts], T]) -> T:
        """Return what a thread answers that reads or writes iCalendar text of a user.

        Raises:
            UpstreamError: It does not come to an end in time.
        """

        def read() -> T:
            from pisovereign.own_calendar.texts import Texts  # noqa: PLC0415

            return work(Texts(zone))

        async with self._turns.of(user, _LIMIT_S) as turn:
            return await self._pool.run(lambda _: turn.run(read), _LIMIT_S, "The calendar")

    async def get(self, user: UUID, name: str, kind: Kind) -> StoredObject:
        """Return an object by its id.

        Raises:
            NotFound: There is no such one.
        """
        identifier = own_id(name)
        if identifier is None:
            raise NotFound(_NONE)
        async with self.database.transaction(user) as connection:
            found = await self.store.get(connection, user, identifier, kind)
        if found is None:
            raise NotFound(_NONE)
        return found

    async def add(self, user: UUID, uid: str, new: ObjectToStore) -> UUID:
        """Store an object, and return its id; with a `uid` that is there nothing happens.

        Raises:
            Conflict: There are too many.
            StorageFull: The user keeps as much as they may.
        """
        identifier = object_id(user, uid)
        async with self.database.transaction(user, within_quota=True) as connection:
            if await self.store.count(connection, user) >= MOST_OBJECTS:
                raise Conflict(f"There are {MOST_OBJECTS} events and tasks; delete some first")
            await self.store.add(connection, user, identifier, new)
        return identifier

    async def replace(
        self, user: UUID, name: str, version: str, mark: str, new: ObjectToStore
    ) -> None:
        """Put an object into the place of a version of it, which may have happened already.

        Raises:
            Conflict: It is not that version any more.
        """
        identifier = own_id(name)
        async with self.database.transaction(user, within_quota=True) as connection:
            found = None
            if identifier is not None:
                found = await self.store.get(connection, user, identifier, new.kind)
            if found is None:
                raise Conflict("It was deleted meanwhile")
            if mark in found.text:
                return
            if str(found.version) != version or not await self.store.change(
                connection, user, found, new
            ):
                raise Conflict("It was changed meanwhile")

    async def remove(self, user: UUID, name: str, version: str) -> None:
        """Delete a version of an event, which may have happened already.

        Raises:
            Conflict: It is not that version any more.
        """
        identifier = own_id(name)
        if identifier is None:
            return
        async with self.database.transaction(user) as connection:
            if await self.store.remove(connection, user, identifier, UUID(version)):
                return
            if await self.store.get(connection, user, identifier, "event") is not None:
                raise Conflict("It was changed meanwhile")
