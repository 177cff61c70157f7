"""Calling tools that somebody has allowed: as they were allowed, and each call once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.connectors.mcp.sessions import Key, Sessions
from pisovereign.connectors.mcp.types import PinnedCall, Server, ToolAnswer, ToolDefinition
from pisovereign.errors import (
    AskedTooOften,
    Conflict,
    NotFound,
    PiSovereignError,
    ToolChanged,
    ValidationFailed,
)
from pisovereign.storage.pool import Database
from pisovereign.text.canonical import canonical
from pisovereign.tool_servers.known import KnownServers
from pisovereign.tool_servers.pins import why_unusable
from pisovereign.tool_servers.store import StoredTool, ToolServerStore
from pisovereign.tool_servers.types import server_of

MOST_ARGUMENT_BYTES = 64 * 1024
_START_S = 30.0
_DEEPEST = 16


class ToolServerCalls:
    """Talks to servers, and notes what comes of it.

    Args:
        database: Where servers and tools are.
        store: Their SQL.
        known: Which servers there are.
        sessions: Talks to them.
        call_s: The longest that a call may take, in seconds.
    """

    def __init__(
        self,
        database: Database,
        store: ToolServerStore,
        known: KnownServers,
        sessions: Sessions,
        call_s: float,
    ) -> None:
        self._database = database
        self._store = store
        self._known = known
        self._sessions = sessions
        self._call_s = call_s
        self._working: set[Key] = set()

    @property
    def limit_s(self) -> float:
        """Return how long a call may take with the start of a server and the list of its tools."""
        return 2 * self._call_s + _START_S

    async def server(self, user: UUID, name: str) -> Server:
        """Return where a server is.

        Raises:
            NotFound: The user has none of this name.
            Conflict: What was saved cannot be read.
        """
        async with self._database.transaction(user) as connection:
            found = (await self._known.all(connection, user)).get(name)
        if found is None:
            raise NotFound("No such tool server")
        if found.address is None:
            raise Conflict("What was saved of this server cannot be read; save it again")
        return server_of(found.address, local=found.local)

    async def look(self, user: UUID, name: str) -> list[ToolDefinition]:
        """Ask a server for its tools, and note them.

        Raises:
            NotFound: The user has no such server.
            PiSovereignError: It does not work; the text says why, and that is noted.
        """
        server, key = await self.server(user, name), Key(user, name)
        try:
            tools = await self._sessions.tools(key, server)
        except PiSovereignError as error:
            await self._fails(key, error)
            raise
        async with self._database.transaction(user) as connection:
            await self._store.lock(connection, user)
            await self._store.seen(connection, user, name, tools)
            await self._store.works(connection, user, name)
        self._working.add(key)
        return tools

    async def pinned(
        self, user: UUID, server: str, tool: str, arguments: Mapping[str, Any]
    ) -> PinnedCall:
        """Return a call in the one form in which it is shown and made.

        Raises:
            ValidationFailed: The tool is not allowed as it is, or cannot be called so.
        """
        async with self._database.transaction(user) as connection:
            tools = await self._store.tools(connection, user, server)
        return pinned_call(next((each for each in tools if each.name == tool), None), arguments)

    async def call(self, user: UUID, call: PinnedCall) -> ToolAnswer:
        """Call a tool, once, if it still is what was allowed.

        Raises:
            Conflict: It is not allowed any more, or has changed; it was not called.
            NotBegun: Certainly no server took the call.
            UpstreamError: The server refuses, or whether it was done is not known.
        """
        allowed = bytes.fromhex(call.fingerprint)
        async with self._database.transaction(user) as connection:
            tools = await self._store.tools(connection, user, call.server)
        found = next((each for each in tools if each.name == call.tool), None)
        if found is None or found.allowed != allowed or found.fingerprint != allowed:
            raise ToolChanged(gone=found is None or not found.fingerprint or found.now is None)
        server, key = await self.server(user, call.server), Key(user, call.server)
        try:
            answer = await self._sessions.call(
                key, server, call.tool, call.arguments, allowed=allowed
            )
        except ToolChanged:
            await self.look(user, call.server)
            raise
        except PiSovereignError as error:
            await self._fails(key, error)
            raise
        if key not in self._working:
            async with self._database.transaction(user) as connection:
                await self._store.works(connection, user, call.server)
            self._working.add(key)
        return answer

    async def forget(self, user: UUID, name: str) -> None:
        """End the session with a server that is another one from now on, or gone."""
        self._working.discard(Key(user, name))
        await self._sessions.forget(Key(user, name))

    async def _fails(self, key: Key, error: PiSovereignError) -> None:
        if isinstance(error, AskedTooOften):
            return  # that is nothing that the server did
        self._working.discard(key)
        async with self._database.transaction(key.user) as connection:
            await self._store.fails(connection, key.user, key.name, error.message)


def pinned_call(tool: StoredTool | None, arguments: Mapping[str, Any]) -> PinnedCall:
    """Return a call of a tool as it is shown and made.

    Raises:
        ValidationFailed: The tool is not allowed as it is, or cannot be called so.
    """
    if tool is None or tool.now is None or tool.allowed is None:
        raise _wrong("tool", "is not allowed")
    if tool.allowed != tool.fingerprint:
        raise _wrong("tool", "has changed since it was allowed")
    if why := why_unusable(tool.server, tool.now):
        raise _wrong("tool", why)
    given = _canonical(dict(arguments))
    if len(msgspec.json.encode(given)) > MOST_ARGUMENT_BYTES:
        raise _wrong("arguments", "are too long")
    properties = tool.now.input_schema.get("properties", {})
    for name in given:
        if name not in properties:
            raise _wrong(name[:100], "is not an argument of this tool")
    missing = [name for name in tool.now.input_schema.get("required", ()) if name not in given]
    if missing:
        raise _wrong(str(missing[0])[:100], "is required")
    return PinnedCall(
        server=tool.server, tool=tool.name, arguments=given, fingerprint=tool.allowed.hex()
    )


def _canonical(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON in which nothing hides."""
    if depth > _DEEPEST:
        raise _wrong("arguments", "are nested too deeply")
    if isinstance(value, str):
        return canonical(value)
    if isinstance(value, list):
        return [_canonical(each, depth + 1) for each in value]
    if isinstance(value, dict):
        made = {canonical(name): _canonical(each, depth + 1) for name, each in value.items()}
        if len(made) < len(value):
            raise _wrong("arguments", "have two names that look the same")
        return made
    return value


def _wrong(field: str, error: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "error": error}])
