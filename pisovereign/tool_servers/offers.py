"""The tools of servers as one user's models are offered them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.types import CallOutsideTool, Pending
from pisovereign.connectors.mcp.types import HttpServer
from pisovereign.errors import PiSovereignError, ValidationFailed
from pisovereign.storage.pool import Database
from pisovereign.tool_servers.calls import ToolServerCalls, pinned_call
from pisovereign.tool_servers.known import KnownServers
from pisovereign.tool_servers.pins import offered, runs_directly
from pisovereign.tool_servers.store import StoredTool, ToolServerStore
from pisovereign.tool_servers.types import MOST_OFFERED, server_of
from pisovereign.tool_use.types import AskedApproval, CallResult, OfferedTool, ToolProvider


class ToolOffers:
    """Finds what each user has allowed.

    Args:
        database: Where that is.
        store: The SQL.
        known: Which servers there are.
        calls: Calls tools.
        actions: Ask for approvals.
    """

    def __init__(
        self,
        database: Database,
        store: ToolServerStore,
        known: KnownServers,
        calls: ToolServerCalls,
        actions: ActionService,
    ) -> None:
        self._database = database
        self._store = store
        self._known = known
        self._calls = calls
        self._actions = actions

    async def of(self, user: UUID) -> Sequence[ToolProvider]:
        """Return the tools that a user has allowed and that are still what they were.

        No server is asked for that, so none that is down delays anybody.
        """
        async with self._database.transaction(user) as connection:
            tools = await self._store.offered(connection, user)
            if not tools:
                return ()
            servers = await self._known.all(connection, user)
        found: dict[str, tuple[OfferedTool, StoredTool]] = {}
        for tool in tools:
            server = servers.get(tool.server)
            if server is None or server.address is None or len(found) >= MOST_OFFERED:
                continue
            place = server_of(server.address, local=server.local)
            made = offered(tool, sends=isinstance(place, HttpServer) or place.network)
            if made is not None:
                found.setdefault(made.name, (made, tool))
        return (_OfferedTools(found, self._calls, self._actions),)


class _OfferedTools:
    """The tools of one user, as they were when an answer was begun."""

    def __init__(
        self,
        tools: dict[str, tuple[OfferedTool, StoredTool]],
        calls: ToolServerCalls,
        actions: ActionService,
    ) -> None:
        self._tools = tools
        self._calls = calls
        self._actions = actions

    def tools(self) -> Sequence[OfferedTool]:
        return [made for made, _ in self._tools.values()]

    async def call(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Call one that only reads, or ask for the approval that it needs."""
        tool = self._tools[name][1]
        try:
            if runs_directly(tool):
                call = pinned_call(tool, arguments)
                answer = await self._calls.call(caller.identity.user_id, call)
                return CallResult(
                    status="failed" if answer.failed else "completed",
                    text=answer.text,
                    outside_text=True,
                )
            return await self._ask(caller, tool, arguments)
        except ValidationFailed as error:
            return CallResult(status="failed", text=error.reasons)
        except PiSovereignError as error:
            # A part of it may be the server's.
            text = f"{tool.server}: {error.message}"
            return CallResult(status="failed", text=text, outside_text=True)

    async def ask(self, caller: Caller, name: str, arguments: dict[str, Any]) -> CallResult:
        """Ask for an approval of a call, also of a tool that only reads."""
        try:
            return await self._ask(caller, self._tools[name][1], arguments)
        except PiSovereignError as error:
            return CallResult(status="failed", text=error.message, outside_text=True)

    async def _ask(self, caller: Caller, tool: StoredTool, arguments: dict[str, Any]) -> CallResult:
        command = CallOutsideTool(server=tool.server, tool=tool.name, arguments=arguments)
        asked = await self._actions.run(caller.asking_only(), command)
        assert isinstance(asked, Pending)
        return CallResult(
            status="pending_approval",
            text=asked.text,
            approval=AskedApproval(
                command=command,
                id=asked.approval_id,
                title=asked.title,
                expires_at=asked.expires_at,
            ),
        )
