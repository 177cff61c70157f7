"""Lists in PostgreSQL; the owner is in every statement, and names and items are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import UnsetType

from pisovereign.errors import SealError
from pisovereign.lists import statements as sql
from pisovereign.lists.types import ItemPatch, ListItem, ListSummary
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer


class ListStore:
    """All SQL about lists; each call is part of a transaction of the user."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def lock(self, connection: Connection, user: UUID) -> None:
        """Let nobody else change the user's lists until the transaction ends.

        Names and items are sealed, so the database cannot see that two are equal.
        """
        await connection.execute(sql.LOCK, {"user": user})

    async def lists(self, connection: Connection, user: UUID) -> list[ListSummary]:
        """Return all lists of a user, the oldest first."""
        rows = await (await connection.execute(sql.LISTS, {"user": user})).fetchall()
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
        rows = await (await connection.execute(sql.ITEMS, values)).fetchall()
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
        await connection.execute(sql.ADD_LIST, self._named(user, identifier, name, key))
        return identifier

    async def rename(
        self, connection: Connection, user: UUID, list_id: UUID, name: str, key: str | None
    ) -> None:
        """Give a list another name."""
        await connection.execute(sql.RENAME, self._named(user, list_id, name, key))

    async def delete_list(self, connection: Connection, user: UUID, list_id: UUID) -> bool:
        """Delete a list with its items; whether there was one."""
        values = {"user": user, "list": list_id}
        return (await connection.execute(sql.DELETE_LIST, values)).rowcount > 0

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
            await connection.execute(sql.ADD_ITEM, values)
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
        changed = (await connection.execute(sql.CHANGE_ITEM, values)).rowcount > 0
        await self._touch(connection, user, list_id)
        return changed

    async def order_items(
        self, connection: Connection, user: UUID, list_id: UUID, items: Sequence[UUID]
    ) -> None:
        """Put items first, in this order; the others follow as they were."""
        values = {"user": user, "list": list_id, "items": list(items)}
        await connection.execute(sql.ORDER_ITEMS, values)
        await self._touch(connection, user, list_id)

    async def delete_items(
        self, connection: Connection, user: UUID, list_id: UUID, items: Sequence[UUID]
    ) -> int:
        """Delete items; returns how many there were."""
        values = {"user": user, "list": list_id, "items": list(items)}
        deleted = (await connection.execute(sql.DELETE_ITEMS, values)).rowcount
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
        await connection.execute(sql.TOUCH, {"user": user, "list": list_id})

    def _open(self, sealed: bytes, key_id: str, binding: bytes) -> tuple[str, str | UnsetType]:
        try:
            return self._sealer.open(bytes(sealed), key_id, binding), msgspec.UNSET
        except SealError as broken:  # it must hide no other one, and can still be deleted
            return "", broken.message


def _binding(column: bytes, user: UUID, row: UUID) -> bytes:
    return column + row.bytes + user.bytes


def _item(user: UUID, list_id: UUID, item: UUID) -> bytes:
    return _binding(b"list_items.text", user, item) + list_id.bytes
