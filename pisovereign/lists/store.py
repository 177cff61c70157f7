"""Lists in PostgreSQL; the owner is in every statement, and names and items are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import UnsetType

from pisovereign.errors import SealError
from pisovereign.lists.types import ItemPatch, ListItem, ListSummary
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('lists ' || %(user)s::text, 0))"
_LISTS = """
SELECT l.id, l.key, l.key_id, l.name, l.created_at, l.updated_at,
    count(i.id), count(i.id) FILTER (WHERE i.done_at IS NULL)
FROM lists l
LEFT JOIN list_items i ON i.user_id = l.user_id AND i.list_id = l.id
WHERE l.user_id = %(user)s
GROUP BY l.user_id, l.id ORDER BY l.created_at, l.id
"""
_ITEMS = """
SELECT id, key_id, text, done_at, created_at FROM list_items
WHERE user_id = %(user)s AND list_id = %(list)s ORDER BY position
"""
_ADD_LIST = """
INSERT INTO lists (user_id, id, key, key_id, name)
VALUES (%(user)s, %(list)s, %(key)s, %(key_id)s, %(name)s)
"""
_RENAME = """
UPDATE lists SET key = %(key)s, key_id = %(key_id)s, name = %(name)s, updated_at = now()
WHERE user_id = %(user)s AND id = %(list)s
"""
_TOUCH = "UPDATE lists SET updated_at = now() WHERE user_id = %(user)s AND id = %(list)s"
_DELETE_LIST = "DELETE FROM lists WHERE user_id = %(user)s AND id = %(list)s"
_ADD_ITEM = """
INSERT INTO list_items (user_id, id, list_id, position, key_id, text)
SELECT %(user)s, %(item)s, %(list)s, coalesce(max(position), 0) + 1, %(key_id)s, %(text)s
FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s
"""
_CHANGE_ITEM = """
UPDATE list_items
SET key_id = coalesce(%(key_id)s, key_id), text = coalesce(%(text)s, text),
    done_at = CASE WHEN %(done)s::boolean IS NULL THEN done_at
        WHEN %(done)s THEN coalesce(done_at, now()) END
WHERE user_id = %(user)s AND list_id = %(list)s AND id = %(item)s
"""
# What is named comes first, in its order; the rest follows as it was.
_ORDER_ITEMS = """
UPDATE list_items i SET position = placed.place
FROM (
    SELECT id, row_number() OVER (
        ORDER BY array_position(%(items)s::uuid[], id) NULLS LAST, position
    ) AS place
    FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s
) placed
WHERE i.user_id = %(user)s AND i.list_id = %(list)s AND i.id = placed.id
"""
_DELETE_ITEMS = """
DELETE FROM list_items WHERE user_id = %(user)s AND list_id = %(list)s AND id = ANY(%(items)s)
"""


class ListStore:
    """All SQL about lists; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def lock(self, connection: Connection, user: UUID) -> None:
        """Let nobody else change the user's lists until the transaction ends.

        Names and items are sealed, so the database cannot see that two are equal.
        """
        await connection.execute(_LOCK, {"user": user})

    async def lists(self, connection: Connection, user: UUID) -> list[ListSummary]:
        """Return all lists of a user, the oldest first."""
        rows = await (await connection.execute(_LISTS, {"user": user})).fetchall()
        found = []
        for identifier, key, key_id, sealed, created_at, updated_at, items, left in rows:
            name, error = self._open(sealed, key_id, _binding(b"lists.name", user, identifier))
            found.append(
                ListSummary(
                    id=identifier,
                    name=name,
                    key=key,
                    items=items,
                    open=left,
                    created_at=created_at,
                    updated_at=updated_at,
                    error=error,
                )
            )
        return found

    async def items(self, connection: Connection, user: UUID, list_id: UUID) -> list[ListItem]:
        """Return the items of a list, in their order."""
        values = {"user": user, "list": list_id}
        rows = await (await connection.execute(_ITEMS, values)).fetchall()
        found = []
        for identifier, key_id, sealed, done_at, created_at in rows:
            text, error = self._open(sealed, key_id, _item(user, list_id, identifier))
            found.append(
                ListItem(
                    id=identifier,
                    text=text,
                    done=done_at is not None,
                    created_at=created_at,
                    error=error,
                )
            )
        return found

    async def add_list(
        self, connection: Connection, user: UUID, name: str, key: str | None
    ) -> UUID:
        """Store a list, and return its id."""
        identifier = uuid4()
        await connection.execute(_ADD_LIST, self._named(user, identifier, name, key))
        return identifier

    async def rename(
        self, connection: Connection, user: UUID, list_id: UUID, name: str, key: str | None
    ) -> None:
        """Give a list another name."""
        await connection.execute(_RENAME, self._named(user, list_id, name, key))

    async def delete_list(self, connection: Connection, user: UUID, list_id: UUID) -> bool:
        """Delete a list with its items; whether there was one."""
        values = {"user": user, "list": list_id}
        return (await connection.execute(_DELETE_LIST, values)).rowcount > 0

    async def add_items(
        self, connection: Connection, user: UUID, list_id: UUID, texts: Sequence[str]
    ) -> None:
        """Append items."""
        for text in texts:
            item = uuid4()
            sealed = self._sealer.seal(text, aad=_item(user, list_id, item))
            values = {
                "user": user,
                "list": list_id,
                "item": item,
                "key_id": sealed.key_id,
                "text": sealed.data,
            }
            await connection.execute(_ADD_ITEM, values)
        await self._touch(connection, user, list_id)

    async def change_item(
        self, connection: Connection, user: UUID, list_id: UUID, item: UUID, patch: ItemPatch
    ) -> bool:
        """Change an item; whether there was one."""
        sealed = (
            self._sealer.seal(patch.text, aad=_item(user, list_id, item)) if patch.text else None
        )
        values = {
            "user": user,
            "list": list_id,
            "item": item,
            "key_id": sealed.key_id if sealed else None,
            "text": sealed.data if sealed else None,
            "done": patch.done,
        }
        changed = (await connection.execute(_CHANGE_ITEM, values)).rowcount > 0
        await self._touch(connection, user, list_id)
        return changed

    async def order_items(
        self, connection: Connection, user: UUID, list_id: UUID, items: Sequence[UUID]
    ) -> None:
        """Put items first, in this order; the others follow as they were."""
        values = {"user": user, "list": list_id, "items": list(items)}
        await connection.execute(_ORDER_ITEMS, values)
        await self._touch(connection, user, list_id)

    async def delete_items(
        self, connection: Connection, user: UUID, list_id: UUID, items: Sequence[UUID]
    ) -> int:
        """Delete items; returns how many there were."""
        values = {"user": user, "list": list_id, "items": list(items)}
        deleted = (await connection.execute(_DELETE_ITEMS, values)).rowcount
        await self._touch(connection, user, list_id)
        return deleted

    def _named(self, user: UUID, list_id: UUID, name: str, key: str | None) -> dict[str, Any]:
        sealed = self._sealer.seal(name, aad=_binding(b"lists.name", user, list_id))
        return {
            "user": user,
            "list": list_id,
            "key": key,
            "key_id": sealed.key_id,
            "name": sealed.data,
        }

    async def _touch(self, connection: Connection, user: UUID, list_id: UUID) -> None:
        await connection.execute(_TOUCH, {"user": user, "list": list_id})

    def _open(self, sealed: bytes, key_id: str, binding: bytes) -> tuple[str, str | UnsetType]:
        try:
            return self._sealer.open(bytes(sealed), key_id, binding), msgspec.UNSET
        except SealError as broken:  # it must hide no other one, and can still be deleted
            return "", broken.message


def _binding(column: bytes, user: UUID, row: UUID) -> bytes:
    return column + row.bytes + user.bytes


def _item(user: UUID, list_id: UUID, item: UUID) -> bytes:
    return _binding(b"list_items.text", user, item) + list_id.bytes
