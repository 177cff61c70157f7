"""Calendar objects in PostgreSQL; the owner is in every statement, and their text is sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

import msgspec

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

Kind = Literal["event", "task"]
Row = tuple[Any, ...]
"""An object as it is stored, and sealed."""
MOST_OBJECTS = 10_000
"""Events and tasks of one user."""
# Whole days are those of a zone, which people change.
_MARGIN = dt.timedelta(days=1)
_IN_RANGE = """
SELECT id, key_id, text, version FROM calendar_objects
WHERE user_id = %(user)s AND kind = 'event'
    AND (begins IS NULL OR begins < %(end)s) AND (ends IS NULL OR ends >= %(start)s)
ORDER BY id LIMIT %(most)s
"""
_TASKS = """
SELECT id, key_id, text, version FROM calendar_objects
WHERE user_id = %(user)s AND kind = 'task' AND (%(done)s OR NOT done)
ORDER BY id LIMIT %(most)s
"""
_ONE = """
SELECT id, key_id, text, version FROM calendar_objects
WHERE user_id = %(user)s AND id = %(id)s AND kind = %(kind)s
"""
_ALL = """
SELECT id, key_id, text, version, kind FROM calendar_objects WHERE user_id = %(user)s ORDER BY id
"""
_VERSIONS = "SELECT id, version FROM calendar_objects WHERE user_id = %(user)s ORDER BY id"
_COUNT = "SELECT count(*) FROM calendar_objects WHERE user_id = %(user)s"
_ADD = """
INSERT INTO calendar_objects (user_id, id, kind, begins, ends, done, key_id, text, version)
VALUES (%(user)s, %(id)s, %(kind)s, %(begins)s, %(ends)s, %(done)s, %(key_id)s, %(text)s,
    %(version)s)
ON CONFLICT DO NOTHING
"""
_CHANGE = """
UPDATE calendar_objects
SET begins = %(begins)s, ends = %(ends)s, done = %(done)s, key_id = %(key_id)s, text = %(text)s,
    version = %(version)s
WHERE user_id = %(user)s AND id = %(id)s AND version = %(was)s
"""
_REMOVE = """
DELETE FROM calendar_objects WHERE user_id = %(user)s AND id = %(id)s AND version = %(was)s
"""


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is now: its iCalendar text, and a version that is another after a change."""

    id: UUID
    text: str
    version: UUID


class KeptObject(msgspec.Struct, frozen=True, kw_only=True):
    """An object as its owner takes it away."""

    id: UUID
    kind: Kind
    text: str


class ObjectToStore(msgspec.Struct, frozen=True, kw_only=True):
    """An object to be stored, with when it takes place; None: nobody knows, or without an end."""

    kind: Kind
    text: str
    begins: dt.datetime | None = None
    ends: dt.datetime | None = None
    done: bool = False


def object_id(user: UUID, uid: str) -> UUID:
    """Return the id of the object with a UID."""
    return uuid5(user, uid)


class ObjectStore:
    """All SQL about calendar objects; each call is part of a transaction of the user.

    An object whose text cannot be opened is left out of what is listed: it must hide no other one.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def in_range(
        self, connection: Connection, user: UUID, start: dt.datetime, end: dt.datetime, most: int
    ) -> list[Row]:
        """Return the events that may touch [start, end), to be `opened`."""
        values = {"user": user, "start": start - _MARGIN, "end": end + _MARGIN, "most": most}
        return await self._found(connection, _IN_RANGE, values)

    async def tasks(
        self, connection: Connection, user: UUID, *, done: bool, most: int
    ) -> list[Row]:
        """Return the open tasks, to be `opened`; with `done` also those that are completed."""
        return await self._found(connection, _TASKS, {"user": user, "done": done, "most": most})

    async def get(
        self, connection: Connection, user: UUID, identifier: UUID, kind: Kind
    ) -> StoredObject | None:
        """Return one object; None: there is none of the user's."""
        values = {"user": user, "id": identifier, "kind": kind}
        found = await self.opened(user, await self._found(connection, _ONE, values))
        return found[0] if found else None

    async def everything(self, connection: Connection, user: UUID) -> list[Row]:
        """Return all objects of a user, to be `kept`."""
        return await self._found(connection, _ALL, {"user": user})

    async def opened(self, user: UUID, rows: Sequence[Row]) -> list[StoredObject]:
        """Return what can be opened of some thousand rows.

        It takes long on a small board, so others have turns, and no connection is held meanwhile.
        """

        def opened(row: Row) -> StoredObject | None:
            identifier, key_id, sealed, version = row[:4]
            try:
                text = self._sealer.open(bytes(sealed), key_id, _binding(user, identifier))
            except SealError:
                return None
            return StoredObject(id=identifier, text=text, version=version)

        return [each for each in await made_in_parts(opened, rows) if each is not None]

    async def kept(self, user: UUID, rows: Sequence[Row]) -> list[KeptObject]:
        """Return what can be opened of `everything`."""
        kinds = {row[0]: row[4] for row in rows}
        opened = await self.opened(user, rows)
        return [KeptObject(id=one.id, kind=kinds[one.id], text=one.text) for one in opened]

    async def versions(self, connection: Connection, user: UUID) -> list[tuple[UUID, UUID]]:
        """Return the ids of all objects of a user with their versions, in one order."""
        rows = await (await connection.execute(_VERSIONS, {"user": user})).fetchall()
        return [(identifier, version) for identifier, version in rows]

    async def count(self, connection: Connection, user: UUID) -> int:
        """Return how many objects a user has."""
        row = await (await connection.execute(_COUNT, {"user": user})).fetchone()
        return 0 if row is None else int(row[0])

    async def add(
        self, connection: Connection, user: UUID, identifier: UUID, new: ObjectToStore
    ) -> bool:
        """Store an object that is not there yet; whether it was stored."""
        values = self._values(user, identifier, new)
        return (await connection.execute(_ADD, values)).rowcount > 0

    async def change(
        self, connection: Connection, user: UUID, was: StoredObject, new: ObjectToStore
    ) -> bool:
        """Put an object into the place of a version of it; whether it was still that one."""
        values = self._values(user, was.id, new) | {"was": was.version}
        return (await connection.execute(_CHANGE, values)).rowcount > 0

    async def remove(
        self, connection: Connection, user: UUID, identifier: UUID, version: UUID
    ) -> bool:
        """Delete a version of an object; whether it was still that one."""
        values = {"user": user, "id": identifier, "was": version}
        return (await connection.execute(_REMOVE, values)).rowcount > 0

    async def _found(
        self, connection: Connection, statement: str, values: dict[str, Any]
    ) -> list[Row]:
        return await (await connection.execute(statement.encode(), values)).fetchall()

    def _values(self, user: UUID, identifier: UUID, new: ObjectToStore) -> dict[str, Any]:
        sealed = self._sealer.seal(new.text, aad=_binding(user, identifier))
        return {
            "user": user,
            "id": identifier,
            "kind": new.kind,
            "begins": new.begins,
            "ends": new.ends,
            "done": new.done,
            "key_id": sealed.key_id,
            "text": sealed.data,
            "version": uuid4(),
        }


def _binding(user: UUID, identifier: UUID) -> bytes:
    return b"calendar_objects.text" + identifier.bytes + user.bytes
