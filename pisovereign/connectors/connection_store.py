"""Saved connections, in PostgreSQL, sealed; and notices to those who have to read them again."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

# The household's connections belong to nobody in particular.
HOUSEHOLD = UUID(int=0)
_READ = "SELECT kind, key_id, settings, local, updated_at FROM connections WHERE user_id = %(user)s"
_SAVE = """
INSERT INTO connections (user_id, kind, key_id, settings, local)
VALUES (%(user)s, %(kind)s, %(key)s, %(settings)s, %(local)s)
ON CONFLICT (user_id, kind) DO UPDATE
SET key_id = excluded.key_id, settings = excluded.settings, local = excluded.local,
    updated_at = now()
"""
_REMOVE = "DELETE FROM connections WHERE user_id = %(user)s AND kind = %(kind)s"
_CHANGED = """
INSERT INTO connection_changes (owner, version) VALUES (%(user)s, 1)
ON CONFLICT (owner) DO UPDATE SET version = connection_changes.version + 1
"""
_VERSIONS = "SELECT owner, version FROM connection_changes"
_FAILED = """
INSERT INTO connection_failures (user_id, kind, key_id, error)
VALUES (%(user)s, %(kind)s, %(key)s, %(error)s)
ON CONFLICT (user_id, kind) DO UPDATE SET key_id = excluded.key_id, error = excluded.error
RETURNING since
"""
_BECOME = "SELECT set_config('pisovereign.user_id', %(user)s, true)"
_WORKS = "DELETE FROM connection_failures WHERE user_id = %(user)s AND kind = %(kind)s"


class SavedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that somebody saved, with its secrets: not to be logged.

    `values` is None where it cannot be opened with the present key. `local` says whether the
    servers that it names may be on the local network.
    """

    kind: str
    values: dict[str, Any] | None
    local: bool
    updated_at: dt.datetime

    def __repr__(self) -> str:
        return f"SavedConnection({self.kind!r})"


class ConnectionStore:
    """SQL of connections; each call is part of a transaction of their owner.

    Args:
        sealer: Seals what forms hold, bound to owner and kind.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def versions(self, connection: Connection) -> dict[UUID, int]:
        """Return how often the connections of each owner have changed; of nobody in particular."""
        return dict(await (await connection.execute(_VERSIONS)).fetchall())

    async def read(self, connection: Connection, user: UUID) -> list[SavedConnection]:
        """Return what an owner has saved."""
        rows = await (await connection.execute(_READ, {"user": user})).fetchall()
        return [
            SavedConnection(
                kind=kind,
                values=self._open(bytes(sealed), key, user, kind),
                local=local,
                updated_at=at,
            )
            for kind, key, sealed, local, at in rows
        ]

    async def save(
        self,
        connection: Connection,
        user: UUID,
        kind: str,
        values: dict[str, Any],
        *,
        local: bool,
    ) -> None:
        """Save a connection in the place of the one that is there."""
        text = msgspec.json.encode(values).decode()
        sealed = self._sealer.seal(text, aad=_binding(user, kind))
        row = {"user": user, "kind": kind, "local": local}
        row |= {"key": sealed.key_id, "settings": sealed.data}
        await connection.execute(_SAVE, row)
        await self.works(connection, user, kind)
        await connection.execute(_CHANGED, {"user": user})

    async def remove(self, connection: Connection, user: UUID, kind: str) -> bool:
        """Remove a connection; return whether there was one."""
        removed = await connection.execute(_REMOVE, {"user": user, "kind": kind})
        await self.works(connection, user, kind)
        await connection.execute(_CHANGED, {"user": user})
        return removed.rowcount > 0

    async def failed(
        self, connection: Connection, user: UUID, kind: str, error: str
    ) -> dt.datetime:
        """Note why a connection fails, and return since when it does."""
        sealed = self._sealer.seal(error, aad=_binding(user, kind) + b".error")
        row = {"user": user, "kind": kind, "key": sealed.key_id, "error": sealed.data}
        found = await (await connection.execute(_FAILED, row)).fetchone()
        assert found is not None
        since: dt.datetime = found[0]
        return since

    async def works(self, connection: Connection, user: UUID, kind: str) -> None:
        """Note that a connection does not fail."""
        await connection.execute(_WORKS, {"user": user, "kind": kind})

    async def become(self, connection: Connection, user: UUID) -> None:
        """Go on with the transaction as a user: what one did is noted with what was done."""
        await connection.execute(_BECOME, {"user": str(user)})

    def _open(self, sealed: bytes, key: str, user: UUID, kind: str) -> dict[str, Any] | None:
        try:
            text = self._sealer.open(sealed, key, _binding(user, kind))
        except SealError:
            return None
        return msgspec.json.decode(text, type=dict[str, Any])


def _binding(user: UUID, kind: str) -> bytes:
    return b"connections.settings" + user.bytes + kind.encode()
