"""Tool servers, as people add, change, remove and try them, and allow their tools."""

from __future__ import annotations

import re
from uuid import UUID

from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.config import SERVER_NAME, McpAddress
from pisovereign.errors import Conflict, Forbidden, NotFound, PiSovereignError, ValidationFailed
from pisovereign.storage.pool import Connection, Database
from pisovereign.tool_servers.calls import ToolServerCalls
from pisovereign.tool_servers.cards import NO_TOOLS, card_of
from pisovereign.tool_servers.known import KnownServers
from pisovereign.tool_servers.pins import shown
from pisovereign.tool_servers.rules import is_same, not_allowable, problems, with_secrets
from pisovereign.tool_servers.store import ToolServerStore
from pisovereign.tool_servers.types import (
    MOST_SERVERS,
    AllowedTool,
    ServerTest,
    ServerTool,
    ToolServer,
    ToolServers,
)


class ToolServerService:
    """The rules.

    Args:
        database: Where servers and tools are.
        store: Their SQL.
        known: Which servers there are.
        calls: Talks to them.
        audit: Where changes are told, without values.
    """

    def __init__(
        self,
        database: Database,
        store: ToolServerStore,
        known: KnownServers,
        calls: ToolServerCalls,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._store = store
        self._known = known
        self._calls = calls
        self._audit = audit

    async def servers(self, identity: Identity) -> ToolServers:
        """Return every server of the caller.

        Raises:
            Forbidden: The key may not see what is set up.
        """
        _require_allowed(identity)
        user = identity.user_id
        async with self._database.transaction(user) as connection:
            known = await self._known.all(connection, user)
            states = await self._store.states(connection, user)
            counts = await self._store.counts(connection, user)
        return ToolServers(
            [
                card_of(identity, each, states.get(name), counts.get(name, NO_TOOLS))
                for name, each in known.items()
            ],
            programs="admin" in identity.scopes,
        )

    async def server(self, identity: Identity, name: str) -> ToolServer:
        """Return a server.

        Raises:
            NotFound: The caller has none of this name.
            Forbidden: The key may not see it.
        """
        for each in (await self.servers(identity)).servers:
            if each.name == name:
                return each
        raise NotFound("No such tool server")

    async def save(self, identity: Identity, name: str, address: McpAddress) -> ToolServer:
        """Add a server, or change one. If it is another one then, no tool of it is allowed.

        Raises:
            Forbidden: The key may not, or may not start programs.
            Conflict: The configuration has it, or there are too many.
            ValidationFailed: Names every field that is wrong.
        """
        _require_allowed(identity)
        user = identity.user_id
        if not re.fullmatch(SERVER_NAME, name):
            error = "must be 1 to 20 of a to z and 0 to 9, and begin with a letter"
            raise ValidationFailed([{"field": "name", "error": error}])
        if errors := problems(address):
            raise ValidationFailed(errors)
        self._require_saved(identity, name)
        if address.command and "admin" not in identity.scopes:
            raise Forbidden("Only a key with the scope admin may have programs started")
        async with self._database.transaction(user) as connection:
            await self._store.lock(connection, user)
            known = await self._known.all(connection, user)
            before = known.get(name)
            if before is None and len(known) >= MOST_SERVERS:
                raise Conflict(f"There are {MOST_SERVERS} tool servers already")
            if before and before.address and before.address.command:
                _require_admin(identity)
            full = with_secrets(address, before.address if before else None)
            if before is not None and not is_same(full, before.address):
                await self._store.forget(connection, user, name)
            local = "admin" in identity.scopes
            await self._store.save(connection, user, name, full, local=local)
            await self._note(connection, identity, "changed", name)
        await self._calls.forget(user, name)
        return await self.server(identity, name)

    async def remove(self, identity: Identity, name: str) -> None:
        """Remove a server with everything that was allowed of it.

        Raises:
            NotFound: The caller has none of this name.
            Forbidden: The key may not.
            Conflict: The configuration has it.
        """
        _require_allowed(identity)
        self._require_saved(identity, name)
        async with self._database.transaction(identity.user_id) as connection:
            await self._store.lock(connection, identity.user_id)
            if not await self._store.remove(connection, identity.user_id, name):
                raise NotFound("No such tool server")
            await self._note(connection, identity, "removed", name)
        await self._calls.forget(identity.user_id, name)

    async def tools(self, identity: Identity, name: str) -> list[ServerTool]:
        """Return the tools of a server as they were seen the last time.

        Raises:
            NotFound: The caller has no such server.
            Forbidden: The key may not see it.
        """
        await self.server(identity, name)
        return await self._tools(identity.user_id, name)

    async def allow(
        self, identity: Identity, name: str, allowed: list[AllowedTool]
    ) -> list[ServerTool]:
        """Allow these tools of a server, as they were seen, and no others.

        Raises:
            NotFound: The caller has no such server.
            Forbidden: The key may not.
            Conflict: One of them is not what was seen; nothing is changed.
            ValidationFailed: One cannot be used, is named twice, or cannot run without an approval.
        """
        server = await self.server(identity, name)
        if server.kind == "program":
            _require_admin(identity)
        user = identity.user_id
        async with self._database.transaction(user) as connection:
            await self._store.lock(connection, user)
            known = {
                tool.name: shown(tool) for tool in await self._store.tools(connection, user, name)
            }
            if errors := not_allowable(allowed, known):
                raise ValidationFailed(errors)
            changed = await self._store.allow(connection, user, name, allowed)
            if changed:
                raise Conflict(f"{changed[0]} has changed since you saw it; look at it again")
            await self._note(connection, identity, "changed", name)
        return await self._tools(user, name)

    async def test(self, identity: Identity, name: str) -> ServerTest:
        """Connect to a server and read its tools; none is called.

        Raises:
            NotFound: The caller has no such server.
            Forbidden: The key may not.
        """
        await self.server(identity, name)
        detail = ""
        try:
            await self._calls.look(identity.user_id, name)
        except PiSovereignError as error:
            detail = error.message
        return ServerTest(
            status="fails" if detail else "works",
            detail=detail,
            tools=await self._tools(identity.user_id, name),
        )

    async def _tools(self, user: UUID, name: str) -> list[ServerTool]:
        async with self._database.transaction(user) as connection:
            return [shown(tool) for tool in await self._store.tools(connection, user, name)]

    def _require_saved(self, identity: Identity, name: str) -> None:
        if self._known.is_configured(identity.user_id, name):
            raise Conflict("This server is set in config.toml, which wins")

    async def _note(
        self, connection: Connection, identity: Identity, event: Event, name: str
    ) -> None:
        await self._audit.add(
            connection,
            identity.user_id,
            event,
            by=identity,
            kind="tool_server",
            subject=name,
            what=name,
        )


def _require_allowed(identity: Identity) -> None:
    if not {"approve", "admin"} & identity.scopes:
        raise Forbidden("This needs a key with the scope approve or admin")


def _require_admin(identity: Identity) -> None:
    if "admin" not in identity.scopes:
        raise Forbidden("Programs are for keys with the scope admin")
