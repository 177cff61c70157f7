"""Keys of programs: shown once, limited in what they may do, and revoked one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from pisovereign.accounts.changes import AccountChanges
from pisovereign.accounts.secrets import SecretHash
from pisovereign.accounts.types import CreatedApiKey, NewApiKey, StoredApiKey
from pisovereign.api_keys import Identity, KeyRing, generate_key
from pisovereign.audit.service import AuditLog
from pisovereign.errors import Conflict, Forbidden, NotFound
from pisovereign.storage.pool import Connection, Database

MOST_KEYS = 50
_ADD = """
INSERT INTO api_keys (user_id, id, secret, name, scopes, expires_at)
VALUES (%(user)s, %(id)s, %(secret)s, %(name)s, %(scopes)s, now() + %(life)s::interval)
RETURNING created_at, expires_at
"""
_LIST = """
SELECT id, name, scopes, created_at, expires_at, used_at FROM api_keys
WHERE user_id = %(user)s ORDER BY created_at, id
"""
_DELETE = "DELETE FROM api_keys WHERE user_id = %(user)s AND id = %(id)s RETURNING name"
_COUNT = "SELECT count(*) FROM api_keys WHERE user_id = %(user)s"
# One key at a time, so that two at once are not one too many.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('api_keys' || %(user)s::text, 0))"


class StoredKeyService:
    """The rules: a key may do no more than who made it."""

    def __init__(
        self,
        keys: KeyRing,
        database: Database,
        hashes: SecretHash,
        audit: AuditLog,
        changes: AccountChanges,
    ) -> None:
        self._keys = keys
        self._database = database
        self._hashes = hashes
        self._audit = audit
        self._changes = changes

    async def list_of(self, user: UUID) -> list[StoredApiKey]:
        """Return a person's keys: those of the configuration, then stored ones, oldest first."""
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(_LIST, {"user": user})).fetchall()
        configured = [
            StoredApiKey(id=None, name=each.key_name, scopes=sorted(each.scopes), configured=True)
            for each in self._keys.identities(user)
        ]
        return configured + [
            StoredApiKey(
                id=identifier,
                name=name,
                scopes=sorted(scopes),
                created_at=created,
                expires_at=expires,
                used_at=used,
            )
            for identifier, name, scopes, created, expires, used in rows
        ]

    async def create(self, by: Identity, new: NewApiKey) -> CreatedApiKey:
        """Make a key; it is in the answer, and nowhere else.

        Raises:
            Forbidden: It could do more than who makes it.
            Conflict: There are too many.
        """
        scopes = frozenset(new.scopes)
        if missing := sorted(scopes - by.scopes):
            raise Forbidden(f"You do not have the scope {missing[0]!r} yourself")
        days = new.expires_in_days
        key, user, name = generate_key(), by.user_id, new.name.strip()
        values: dict[str, Any] = {
            "user": user,
            "id": uuid4(),
            "secret": self._hashes.of(key),
            "name": name,
            "scopes": sorted(scopes),
            "life": None if days is None else dt.timedelta(days=days),
        }
        async with self._database.transaction(user) as connection:
            await connection.execute(_LOCK, values)
            count = await (await connection.execute(_COUNT, values)).fetchone()
            if count is not None and count[0] >= MOST_KEYS:
                raise Conflict(f"There are {MOST_KEYS} keys already; revoke one first")
            row = await (await connection.execute(_ADD, values)).fetchone()
            assert row is not None
            await self._note(connection, by, "created", values["id"], name)
        return CreatedApiKey(
            id=values["id"],
            name=name,
            scopes=sorted(scopes),
            created_at=row[0],
            expires_at=row[1],
            key=key,
        )

    async def revoke(self, by: Identity, key: UUID) -> None:
        """Revoke a key; sessions that were made with it end too.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        user = by.user_id
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_DELETE, {"user": user, "id": key})
            row = await cursor.fetchone()
            if row is None:
                raise NotFound("No such key")
            await self._changes.tell(connection)
            await self._note(connection, by, "removed", key, row[0])

    async def _note(
        self, connection: Connection, by: Identity, event: Any, key: UUID, what: str
    ) -> None:
        await self._audit.add(
            connection, by.user_id, event, by=by, kind="api_key", subject=str(key), what=what
        )
