"""The catalog in PostgreSQL: what everybody has, and what its user added."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg.types.json import Jsonb

from pisovereign.catalog.known_programs import is_listed
from pisovereign.catalog.placeholders import Placeholder, Word
from pisovereign.catalog.types import Argument, CatalogCommand, NewCommand, StoredCommand
from pisovereign.errors import Conflict, NotFound
from pisovereign.storage.pool import Connection, Database

MOST_COMMANDS = 500  # of one user

_VISIBLE = "(user_id IS NULL OR user_id = %(user)s)"
_COLUMNS = """
SELECT id, name, description, command, argv, category, risk_level, os, requires_approval, network,
       folders, privileged, user_id IS NULL, created_at, updated_at
FROM catalog_commands"""
_GET = f"{_COLUMNS} WHERE {_VISIBLE} AND id = %(id)s"
# Every word of the query stands somewhere in name or description; those in the name come first.
_MATCHES = """
NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) word
            WHERE strpos(lower(name || ' ' || description), word) = 0)"""
_IN_NAME = (
    "(SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE strpos(lower(name), word) > 0)"
)
_PAGE = f"""
{_COLUMNS} WHERE {_VISIBLE} AND {_MATCHES} ORDER BY {_IN_NAME} DESC, seq
LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = f"SELECT count(*) FROM catalog_commands WHERE {_VISIBLE} AND {_MATCHES}"  # noqa: S608
_COUNT_OWN = "SELECT count(*) FROM catalog_commands WHERE user_id = %(user)s"
_ADD = """
INSERT INTO catalog_commands (id, user_id, name, description, command, argv, category, risk_level,
                              os, requires_approval, network, folders)
VALUES (%(id)s, %(user)s, %(name)s, %(description)s, %(command)s, %(argv)s, %(category)s,
        %(risk_level)s, %(os)s, %(requires_approval)s, %(network)s, %(folders)s)
"""
_DELETE = f"DELETE FROM catalog_commands WHERE {_VISIBLE} AND id = %(id)s"  # noqa: S608


class CatalogStore:
    """Reads and writes the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, user: UUID, words: list[str], limit: int, offset: int
    ) -> tuple[list[StoredCommand], int]:
        """Return commands that hold all of `words`, and how many there are."""
        values = {"user": user, "words": words, "limit": limit, "offset": offset}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_PAGE, values)).fetchall()
            total = await _number(connection, _COUNT, values)
        return [_command(row) for row in rows], total

    async def count(self, user: UUID) -> int:
        """Return how many commands the user sees."""
        async with self._database.transaction(user) as connection:
            return await _number(connection, _COUNT, {"user": user, "words": []})

    async def get(self, user: UUID, command: str) -> StoredCommand:
        """Return a command.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            return await _get(connection, user, command)

    async def add(
        self, user: UUID, new: NewCommand, words: tuple[Word, ...], *, requires_approval: bool
    ) -> StoredCommand:
        """Store a command of a user's.

        Raises:
            Conflict: there are too many already.
        """
        values: dict[str, Any] = msgspec.structs.asdict(new) | {
            "id": str(uuid4()),
            "user": user,
            "argv": Jsonb(msgspec.to_builtins(words)),
            "folders": list(new.folders),
            "requires_approval": requires_approval,
        }
        async with self._database.transaction(user) as connection:
            if await _number(connection, _COUNT_OWN, values) >= MOST_COMMANDS:
                raise Conflict(f"There are {MOST_COMMANDS} commands of yours; delete one first")
            await connection.execute(_ADD, values)
            return await _get(connection, user, values["id"])

    async def delete(self, user: UUID, command: str) -> None:
        """Delete a command.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_DELETE, {"user": user, "id": command})
        if not cursor.rowcount:
            raise NotFound("No such command")


async def _get(connection: Connection, user: UUID, command: str) -> StoredCommand:
    row = None
    if "\0" not in command:  # PostgreSQL knows no such text
        cursor = await connection.execute(_GET, {"user": user, "id": command})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("No such command")
    return _command(row)


async def _number(connection: Connection, statement: str, values: dict[str, Any]) -> int:
    row = await (await connection.execute(statement, values)).fetchone()
    assert row is not None
    return int(row[0])


def _command(row: tuple[Any, ...]) -> StoredCommand:
    (
        identifier,
        name,
        description,
        command,
        argv,
        category,
        risk_level,
        os,
        requires_approval,
        network,
        folders,
        privileged,
        is_default,
        created_at,
        updated_at,
    ) = row
    words = msgspec.convert(argv, tuple[Word, ...])
    listed = privileged or is_listed(words)
    shown = CatalogCommand(
        id=identifier,
        name=name,
        description=description,
        command=command,
        category=category,
        risk_level=risk_level,
        os=os,
        # Also where it was added before there was a list.
        requires_approval=requires_approval or not listed,
        network=network,
        listed=listed,
        folders=tuple(folders),
        arguments=[
            Argument(name=word.name, type=word.kind, bound=word.bound)
            for word in words
            if isinstance(word, Placeholder)
        ],
        own=not is_default,
        created_at=created_at,
        updated_at=updated_at,
    )
    return StoredCommand(shown=shown, words=words, privileged=privileged, is_default=is_default)
