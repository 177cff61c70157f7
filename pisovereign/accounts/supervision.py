"""Decisions for people who may not decide: by owners, for those who are restricted."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.accounts.people_store import PeopleStore, StoredPerson
from pisovereign.accounts.types import ROLE_SCOPES
from pisovereign.api_keys import ConfiguredUser, KeyRing
from pisovereign.approvals.types import Supervised
from pisovereign.storage.pool import Connection

_RESTRICTED, _OWNER = ROLE_SCOPES["restricted"], ROLE_SCOPES["owner"]


class Supervision:
    """Knows for whom owners decide, and who owners are, in any transaction.

    Args:
        keys: The keys of the configuration, which wins.
        store: The SQL of people who were invited.
    """

    def __init__(self, keys: KeyRing, store: PeopleStore) -> None:
        self._keys = keys
        self._store = store

    async def of(self, connection: Connection, user: UUID) -> Supervised | None:
        """Return who is told of what a user asks for; None: they decide by themselves."""
        found = [each for each in await self.everybody(connection) if each.user == user]
        return found[0] if found else None

    async def owners(self, connection: Connection) -> Sequence[UUID]:
        """Return the owners."""
        return _owners(*await self._household(connection))

    async def everybody(self, connection: Connection) -> Sequence[Supervised]:
        """Return everybody for whom owners decide."""
        configured, stored = await self._household(connection)
        owners = _owners(configured, stored)
        restricted = [
            (each.user_id, min(each.key_names, key=lambda name: "[" in name))
            for each in configured
            if each.scopes == _RESTRICTED
        ]
        restricted += [(each.id, each.name) for each in stored if each.role == "restricted"]
        return [Supervised(user, name, owners) for user, name in restricted]

    async def _household(
        self, connection: Connection
    ) -> tuple[Sequence[ConfiguredUser], Sequence[StoredPerson]]:
        """Return those of the configuration, and who else is active."""
        configured = [
            each for user in self._keys.users() if (each := self._keys.configured(user)) is not None
        ]
        known = {each.user_id for each in configured}
        stored = [
            each
            for each in await self._store.everybody(connection)
            if each.state == "active" and each.id not in known
        ]
        return configured, stored


def _owners(configured: Sequence[ConfiguredUser], stored: Sequence[StoredPerson]) -> list[UUID]:
    return [
        *(each.user_id for each in configured if each.scopes >= _OWNER),
        *(each.id for each in stored if each.role == "owner"),
    ]
