"""People beside those of the configuration, in PostgreSQL; their names are sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.accounts.types import Role, State
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_COLUMNS = "SELECT id, key_id, name, role, state, created_at, joined_at FROM people"
_LIST = f"{_COLUMNS} ORDER BY created_at, id"
_GET = f"{_COLUMNS} WHERE id = %(id)s"
_IDS = "SELECT id FROM people WHERE state = 'active' ORDER BY created_at, id"
# Whoever changes people waits for others that do: the last owner cannot leave twice.
_LOCK = "LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"
_ADD = """
INSERT INTO people (id, key_id, name, role) VALUES (%(id)s, %(key_id)s, %(name)s, %(role)s)
"""
_RENAME = "UPDATE people SET key_id = %(key_id)s, name = %(name)s WHERE id = %(id)s"
_SET_ROLE = "UPDATE people SET role = %(role)s WHERE id = %(id)s"
_SET_STATE = """
UPDATE people SET state = %(state)s,
    joined_at = CASE WHEN %(state)s = 'active' THEN coalesce(joined_at, now()) ELSE joined_at END
WHERE id = %(id)s
"""
_ERASE = "SELECT erase_person(%(id)s, %(told)s)"


class StoredPerson(NamedTuple):
    """One row, with the name opened."""

    id: UUID
    name: str
    role: Role
    state: State
    created_at: dt.datetime
    joined_at: dt.datetime | None


class PeopleStore:
    """The SQL; each method works in the transaction of a connection."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def everybody(self, connection: Connection) -> list[StoredPerson]:
        """Return all people, in the order in which they were invited."""
        rows = await (await connection.execute(_LIST)).fetchall()
        return [self._person(row) for row in rows]

    async def get(self, connection: Connection, person: UUID) -> StoredPerson | None:
        """Return a person; None: unknown."""
        row = await (await connection.execute(_GET, {"id": person})).fetchone()
        return None if row is None else self._person(row)

    async def active(self, connection: Connection) -> list[UUID]:
        """Return the ids of those who may use the program."""
        return [row[0] for row in await (await connection.execute(_IDS)).fetchall()]

    async def lock(self, connection: Connection) -> None:
        """Let nobody else change people until the transaction ends."""
        await connection.execute(_LOCK)

    async def add(self, connection: Connection, person: UUID, name: str, role: Role) -> None:
        """Add somebody who is invited."""
        await connection.execute(_ADD, {"id": person, "role": role, **self._sealed(person, name)})

    async def rename(self, connection: Connection, person: UUID, name: str) -> None:
        """Give a person another name."""
        await connection.execute(_RENAME, {"id": person, **self._sealed(person, name)})

    async def set_role(self, connection: Connection, person: UUID, role: Role) -> None:
        """Give a person another role."""
        await connection.execute(_SET_ROLE, {"id": person, "role": role})

    async def set_state(self, connection: Connection, person: UUID, state: State) -> None:
        """Let a person in, or keep them out."""
        await connection.execute(_SET_STATE, {"id": person, "state": state})

    async def erase(self, connection: Connection, person: UUID, told: Sequence[UUID]) -> int:
        """Delete somebody who is not active, and all that they stored but the audit log.

        Returns how many rows that were. `told` are those who may have been told of what they asked
        for.
        """
        values = {"id": person, "told": list(told)}
        row = await (await connection.execute(_ERASE, values)).fetchone()
        assert row is not None
        return int(row[0])

    def _sealed(self, person: UUID, name: str) -> dict[str, object]:
        sealed = self._sealer.seal(name.strip(), aad=_binding(person))
        return {"key_id": sealed.key_id, "name": sealed.data}

    def _person(self, row: tuple[Any, ...]) -> StoredPerson:
        identifier, key_id, name, role, state, created_at, joined_at = row
        opened = self._sealer.open(bytes(name), key_id, _binding(identifier))
        return StoredPerson(identifier, opened, role, state, created_at, joined_at)


def _binding(person: UUID) -> bytes:
    return b"people.name" + person.bytes
