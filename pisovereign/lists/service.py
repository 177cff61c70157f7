"""Rules of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.errors import Conflict, NotFound, ValidationFailed
from pisovereign.languages.words import caseless
from pisovereign.lists.names import WantedList, read_name
from pisovereign.lists.store import ListStore
from pisovereign.lists.types import (
    MOST_ITEMS,
    MOST_LISTS,
    ItemPatch,
    ListItem,
    ListSummary,
    UserList,
)
from pisovereign.storage.pool import Connection, Database


class Added(NamedTuple):
    """A list after items were added: those that are new, and those that it had already."""

    list: UserList
    added: tuple[str, ...]
    known: tuple[str, ...]


class ListService:
    """The rules; equal items are on a list once, and equal names are one list."""

    def __init__(self, database: Database, store: ListStore) -> None:
        self._database = database
        self._store = store

    async def lists(self, user: UUID) -> list[ListSummary]:
        """Return all lists of a user, the oldest first."""
        async with self._database.transaction(user) as connection:
            return await self._store.lists(connection, user)

    async def get(self, user: UUID, list_id: UUID) -> UserList:
        """Return a list.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            return await self._get(connection, user, list_id)

    async def find(self, user: UUID, name: str) -> UserList | None:
        """Return the list that is meant by a name; None: there is none."""
        async with self._database.transaction(user) as connection:
            found = await self._find(connection, user, read_name(name))
            return None if found is None else await self._get(connection, user, found.id)

    async def create(self, user: UUID, name: str) -> tuple[UserList, bool]:
        """Return the list of a name, and whether it was made; else it was there already.

        Raises:
            Conflict: There are too many.
        """
        async with self._database.transaction(user, within_quota=True) as connection:
            await self._store.lock(connection, user)
            list_id, made = await self._ensure(connection, user, name)
            return await self._get(connection, user, list_id), made

    async def rename(self, user: UUID, list_id: UUID, name: str) -> UserList:
        """Give a list another name.

        Raises:
            NotFound: Unknown, or somebody else's.
            Conflict: Another list has this name.
        """
        wanted = read_name(name)
        async with self._database.transaction(user) as connection:
            await self._store.lock(connection, user)
            await self._get(connection, user, list_id)
            other = await self._find(connection, user, wanted)
            if other is not None and other.id != list_id:
                raise Conflict("Another list has this name")
            await self._store.rename(connection, user, list_id, name, wanted.key)
            return await self._get(connection, user, list_id)

    async def delete(self, user: UUID, list_id: UUID) -> None:
        """Delete a list with all that is on it.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            if not await self._store.delete_list(connection, user, list_id):
                raise NotFound("No such list")

    async def add(self, user: UUID, name: str, texts: Sequence[str]) -> Added:
        """Add items to the list of a name, which is made if it is not there.

        Raises:
            Conflict: There are too many lists, or items.
        """
        async with self._database.transaction(user, within_quota=True) as connection:
            await self._store.lock(connection, user)
            list_id, _ = await self._ensure(connection, user, name)
            return await self._add(connection, user, list_id, texts)

    async def add_to(self, user: UUID, list_id: UUID, texts: Sequence[str]) -> Added:
        """Add items to a list.

        Raises:
            NotFound: Unknown, or somebody else's.
            Conflict: There are too many items.
        """
        async with self._database.transaction(user, within_quota=True) as connection:
            await self._store.lock(connection, user)
            return await self._add(connection, user, list_id, texts)

    async def change_item(
        self, user: UUID, list_id: UUID, item: UUID, patch: ItemPatch
    ) -> ListItem:
        """Change the text of an item, or check it off.

        Raises:
            ValidationFailed: Nothing is to be different.
            NotFound: Unknown, or somebody else's.
        """
        if patch == ItemPatch():
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])
        async with self._database.transaction(user, within_quota=True) as connection:
            if not await self._store.change_item(connection, user, list_id, item, patch):
                raise NotFound("No such item")
            items = await self._store.items(connection, user, list_id)
            return next(found for found in items if found.id == item)

    async def order(self, user: UUID, list_id: UUID, items: Sequence[UUID]) -> UserList:
        """Put items first, in this order; those that are not named follow as they were.

        What is not on the list any more is passed over.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            await self._store.lock(connection, user)
            await self._store.order_items(connection, user, list_id, items)
            return await self._get(connection, user, list_id)

    async def remove(self, user: UUID, list_id: UUID, items: Sequence[UUID]) -> UserList:
        """Remove items, as far as they are on a list.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            await self._store.delete_items(connection, user, list_id, items)
            return await self._get(connection, user, list_id)

    async def remove_item(self, user: UUID, list_id: UUID, item: UUID) -> None:
        """Remove an item.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            if not await self._store.delete_items(connection, user, list_id, [item]):
                raise NotFound("No such item")

    async def clear(self, user: UUID, list_id: UUID, *, only_done: bool) -> UserList:
        """Remove all items of a list, or those that are done.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            found = await self._get(connection, user, list_id)
            going = [item.id for item in found.items if item.done or not only_done]
            await self._store.delete_items(connection, user, list_id, going)
            return await self._get(connection, user, list_id)

    async def _get(self, connection: Connection, user: UUID, list_id: UUID) -> UserList:
        found = await self._store.lists(connection, user)
        summary = next((one for one in found if one.id == list_id), None)
        if summary is None:
            raise NotFound("No such list")
        return UserList(
            id=summary.id,
            name=summary.name,
            key=summary.key,
            items=await self._store.items(connection, user, list_id),
            created_at=summary.created_at,
            updated_at=summary.updated_at,
            error=summary.error,
        )

    async def _find(
        self, connection: Connection, user: UUID, wanted: WantedList
    ) -> ListSummary | None:
        listed = await self._store.lists(connection, user)
        if wanted.key is not None:
            return next((one for one in listed if one.key == wanted.key), None)
        named = (one for one in listed if one.key is None and read_name(one.name) == wanted)
        return next(named, None)

    async def _ensure(self, connection: Connection, user: UUID, name: str) -> tuple[UUID, bool]:
        wanted = read_name(name)
        found = await self._find(connection, user, wanted)
        if found is not None:
            return found.id, False
        if len(await self._store.lists(connection, user)) >= MOST_LISTS:
            raise Conflict(f"There are {MOST_LISTS} lists of yours; delete one first")
        return await self._store.add_list(connection, user, name, wanted.key), True

    async def _add(
        self, connection: Connection, user: UUID, list_id: UUID, texts: Sequence[str]
    ) -> Added:
        """Add what is new; what was done is to be done again."""
        before = await self._get(connection, user, list_id)
        known = {comparable(item.text): item for item in before.items}
        wanted = {comparable(text): " ".join(text.split()) for text in texts}
        for form, item in known.items():
            if form in wanted and item.done:
                again = ItemPatch(done=False)
                await self._store.change_item(connection, user, list_id, item.id, again)
        new = [text for form, text in wanted.items() if form not in known or known[form].done]
        fresh = [text for form, text in wanted.items() if form not in known]
        if len(before.items) + len(fresh) > MOST_ITEMS:
            raise Conflict(f"There are {len(before.items)} items on this list; remove some first")
        await self._store.add_items(connection, user, list_id, fresh)
        after = await self._get(connection, user, list_id)
        had = tuple(text for text in wanted.values() if text not in new)
        return Added(after, tuple(new), had)


def comparable(text: str) -> str:
    """Return the form in which items are compared."""
    return " ".join(caseless(text).split())
