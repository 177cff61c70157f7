"""Tool servers and their tools in PostgreSQL; the owner is in every statement, texts are sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.config import McpAddress
from pisovereign.connectors.mcp.types import ToolDefinition
from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer
from pisovereign.tool_servers.types import AllowedTool

_SERVERS = """
SELECT name, key_id, settings, local, updated_at FROM mcp_servers
WHERE user_id = %(user)s ORDER BY name
"""
_SAVE = """
INSERT INTO mcp_servers (user_id, name, key_id, settings, local)
VALUES (%(user)s, %(name)s, %(key)s, %(sealed)s, %(local)s)
ON CONFLICT (user_id, name) DO UPDATE
SET key_id = excluded.key_id, settings = excluded.settings, local = excluded.local,
    updated_at = now()
"""
_REMOVE = "DELETE FROM mcp_servers WHERE user_id = %(user)s AND name = %(name)s"
_FORGET_TOOLS = "DELETE FROM mcp_tools WHERE user_id = %(user)s AND server = %(name)s"
_FORGET_STATE = "DELETE FROM mcp_server_states WHERE user_id = %(user)s AND server = %(name)s"
_STATES = """
SELECT server, failed_since, key_id, error FROM mcp_server_states WHERE user_id = %(user)s
"""
_WORKS = """
INSERT INTO mcp_server_states (user_id, server) VALUES (%(user)s, %(name)s)
ON CONFLICT (user_id, server) DO UPDATE SET failed_since = NULL, key_id = NULL, error = NULL
"""
_FAILS = """
INSERT INTO mcp_server_states (user_id, server, failed_since, key_id, error)
VALUES (%(user)s, %(name)s, now(), %(key)s, %(sealed)s)
ON CONFLICT (user_id, server) DO UPDATE
SET failed_since = coalesce(mcp_server_states.failed_since, now()),
    key_id = excluded.key_id, error = excluded.error
"""
_TOOLS = """
SELECT server, name, fingerprint, key_id, definition, allowed, allowed_key_id, allowed_definition,
    direct
FROM mcp_tools WHERE user_id = %(user)s
"""
_OF_SERVER = f"{_TOOLS} AND server = %(name)s ORDER BY name"
_OFFERED = f"{_TOOLS} AND allowed = fingerprint ORDER BY server, name"
_COUNTS = """
SELECT server, count(fingerprint), count(*) FILTER (WHERE allowed = fingerprint),
    count(*) FILTER (WHERE allowed IS DISTINCT FROM fingerprint AND allowed IS NOT NULL)
FROM mcp_tools WHERE user_id = %(user)s GROUP BY server
"""
_SEEN = """
INSERT INTO mcp_tools (user_id, server, name, fingerprint, key_id, definition)
VALUES (%(user)s, %(server)s, %(name)s, %(fingerprint)s, %(key)s, %(sealed)s)
ON CONFLICT (user_id, server, name) DO UPDATE
SET fingerprint = excluded.fingerprint, key_id = excluded.key_id, definition = excluded.definition
"""
_GONE = """
UPDATE mcp_tools SET fingerprint = NULL
WHERE user_id = %(user)s AND server = %(server)s AND NOT name = ANY(%(names)s)
"""
_CLEAR_GONE = """
DELETE FROM mcp_tools
WHERE user_id = %(user)s AND server = %(server)s AND fingerprint IS NULL AND allowed IS NULL
"""
_DENY = """
UPDATE mcp_tools SET allowed = NULL, allowed_key_id = NULL, allowed_definition = NULL,
    direct = false
WHERE user_id = %(user)s AND server = %(server)s AND NOT name = ANY(%(names)s)
"""
_ALLOW = """
UPDATE mcp_tools SET allowed = fingerprint, allowed_key_id = key_id,
    allowed_definition = definition, direct = %(direct)s
WHERE user_id = %(user)s AND server = %(server)s AND name = %(name)s
    AND fingerprint = %(fingerprint)s
"""
# Whoever changes what is allowed waits for others who do.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('mcp_servers' || %(user)s::text, 0))"


class SavedServer(NamedTuple):
    """A saved server, with its secrets: not to be logged. Without an address it is unreadable."""

    name: str
    address: McpAddress | None
    local: bool
    updated_at: dt.datetime


class StoredState(NamedTuple):
    """Since when a server fails, and why; None: it works."""

    since: dt.datetime | None
    error: str | None


class StoredTool(NamedTuple):
    """A tool as its server described it the last time, and as it was allowed."""

    server: str
    name: str
    fingerprint: bytes | None
    now: ToolDefinition | None
    allowed: bytes | None
    before: ToolDefinition | None
    direct: bool


class Counts(NamedTuple):
    """How many tools a server has, how many are allowed, and how many changed since."""

    tools: int
    allowed: int
    changed: int


class ToolServerStore:
    """The SQL; each call is part of a transaction of the owner."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def lock(self, connection: Connection, user: UUID) -> None:
        """Let nobody else change the owner's servers until the transaction ends."""
        await connection.execute(_LOCK, {"user": user})

    async def servers(self, connection: Connection, user: UUID) -> list[SavedServer]:
        """Return what an owner has saved, by name."""
        rows = await (await connection.execute(_SERVERS, {"user": user})).fetchall()
        return [
            SavedServer(
                name, self._open(sealed, key, _settings(user, name), McpAddress), local, updated_at
            )
            for name, key, sealed, local, updated_at in rows
        ]

    async def save(
        self, connection: Connection, user: UUID, name: str, address: McpAddress, *, local: bool
    ) -> None:
        """Save a server in the place of the one of this name."""
        sealed = self._sealer.seal(_text(address), aad=_settings(user, name))
        values = {"key": sealed.key_id, "sealed": sealed.data, "local": local}
        await connection.execute(_SAVE, {"user": user, "name": name, **values})
        await connection.execute(_FORGET_STATE, {"user": user, "name": name})

    async def remove(self, connection: Connection, user: UUID, name: str) -> bool:
        """Remove a server with all that is known of it; return whether there was one."""
        values = {"user": user, "name": name}
        removed = await connection.execute(_REMOVE, values)
        await self.forget(connection, user, name)
        return removed.rowcount > 0

    async def forget(self, connection: Connection, user: UUID, name: str) -> None:
        """Forget the tools of a server and what was allowed of them."""
        values = {"user": user, "name": name}
        await connection.execute(_FORGET_TOOLS, values)
        await connection.execute(_FORGET_STATE, values)

    async def states(self, connection: Connection, user: UUID) -> dict[str, StoredState]:
        """Return how the owner's servers are getting on, as far as somebody has tried them."""
        rows = await (await connection.execute(_STATES, {"user": user})).fetchall()
        return {
            name: StoredState(
                since, self._text(sealed, key, _error(user, name)) if sealed is not None else None
            )
            for name, since, key, sealed in rows
        }

    async def works(self, connection: Connection, user: UUID, name: str) -> None:
        """Note that a server works."""
        await connection.execute(_WORKS, {"user": user, "name": name})

    async def fails(self, connection: Connection, user: UUID, name: str, error: str) -> None:
        """Note why a server fails."""
        sealed = self._sealer.seal(error, aad=_error(user, name))
        values = {"key": sealed.key_id, "sealed": sealed.data}
        await connection.execute(_FAILS, {"user": user, "name": name, **values})

    async def tools(self, connection: Connection, user: UUID, server: str) -> list[StoredTool]:
        """Return the tools of a server, by name."""
        rows = await connection.execute(_OF_SERVER, {"user": user, "name": server})
        return [self._tool(user, row) for row in await rows.fetchall()]

    async def offered(self, connection: Connection, user: UUID) -> list[StoredTool]:
        """Return the tools of all servers that are as they were when they were allowed."""
        rows = await connection.execute(_OFFERED, {"user": user})
        return [self._tool(user, row) for row in await rows.fetchall()]

    async def counts(self, connection: Connection, user: UUID) -> dict[str, Counts]:
        """Return how many tools each server has."""
        rows = await (await connection.execute(_COUNTS, {"user": user})).fetchall()
        return {server: Counts(*numbers) for server, *numbers in rows}

    async def seen(
        self, connection: Connection, user: UUID, server: str, tools: Sequence[ToolDefinition]
    ) -> None:
        """Note all the tools that a server has now; what was allowed stays so if it is the same."""
        for tool in tools:
            sealed = self._sealer.seal(_text(tool), aad=_definition(user, server, tool.name))
            values: dict[str, Any] = {"key": sealed.key_id, "sealed": sealed.data}
            values |= {"name": tool.name}
            values |= {"user": user, "server": server, "fingerprint": tool.fingerprint()}
            await connection.execute(_SEEN, values)
        names: dict[str, Any] = {"user": user, "server": server}
        names["names"] = [tool.name for tool in tools]
        await connection.execute(_GONE, names)
        await connection.execute(_CLEAR_GONE, names)

    async def allow(
        self, connection: Connection, user: UUID, server: str, tools: Sequence[AllowedTool]
    ) -> list[str]:
        """Allow these tools and no others; return the names of those that changed meanwhile."""
        names = [tool.name for tool in tools]
        kept: dict[str, Any] = {"user": user, "server": server, "names": names}
        await connection.execute(_DENY, kept)
        await connection.execute(_CLEAR_GONE, {"user": user, "server": server})
        changed = []
        for tool in tools:
            values = {"user": user, "server": server, "name": tool.name, "direct": tool.direct}
            values["fingerprint"] = bytes.fromhex(tool.fingerprint)
            if (await connection.execute(_ALLOW, values)).rowcount == 0:
                changed.append(tool.name)
        return changed

    def _tool(self, user: UUID, row: Sequence[Any]) -> StoredTool:
        server, name, fingerprint, key, sealed, allowed, allowed_key, allowed_sealed, direct = row
        aad = _definition(user, server, name)
        before = None
        if allowed_sealed is not None:
            before = self._open(allowed_sealed, allowed_key, aad, ToolDefinition)
        return StoredTool(
            server,
            name,
            None if fingerprint is None else bytes(fingerprint),
            self._open(sealed, key, aad, ToolDefinition),
            None if allowed is None else bytes(allowed),
            before,
            direct,
        )

    def _open(self, sealed: bytes, key: str, aad: bytes, kind: type[Any]) -> Any:
        text = self._text(sealed, key, aad)
        try:
            return None if text is None else msgspec.json.decode(text, type=kind)
        except msgspec.MsgspecError:
            return None  # a later version asks for more than was saved

    def _text(self, sealed: bytes, key: str, aad: bytes) -> str | None:
        try:
            return self._sealer.open(bytes(sealed), key, aad)
        except SealError:
            return None


def _text(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _settings(user: UUID, name: str) -> bytes:
    return b"mcp_servers.settings" + user.bytes + name.encode()


def _error(user: UUID, name: str) -> bytes:
    return b"mcp_server_states.error" + user.bytes + name.encode()


def _definition(user: UUID, server: str, tool: str) -> bytes:
    return b"mcp_tools.definition" + user.bytes + server.encode() + b"\0" + tool.encode()
