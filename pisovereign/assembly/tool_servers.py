"""Tool servers: what talks to them, what models are offered, and what people see."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.actions.service import ActionService
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.audit.service import AuditLog
from pisovereign.errors import NotBegun
from pisovereign.integrations.mcp.sessions import Limits, Sessions, Transport
from pisovereign.integrations.mcp.types import ProgramServer
from pisovereign.tool_servers.calls import ToolServerCalls
from pisovereign.tool_servers.known import KnownServers
from pisovereign.tool_servers.offers import ToolOffers
from pisovereign.tool_servers.service import ToolServerService
from pisovereign.tool_servers.store import ToolServerStore


class ToolServers:
    """Everything about tool servers.

    Args:
        base: What it stands on.
        configured: The users of the configuration.
        audit: Where changes are told.

    Attributes:
        sessions: What is open; closed at the end.
        calls: Calls tools, for approvals.
    """

    def __init__(self, base: Infrastructure, configured: Sequence[UUID], audit: AuditLog) -> None:
        config = base.config.mcp
        self._database = base.database
        self._store = ToolServerStore(base.sealer)
        self._known = KnownServers(config, configured, self._store)
        limits = Limits(call_s=config.call_timeout_s, calls_a_minute=config.calls_per_minute)
        self.sessions = Sessions(base.outbound, _start, limits)
        self.calls = ToolServerCalls(
            base.database, self._store, self._known, self.sessions, config.call_timeout_s
        )
        self.service = ToolServerService(base.database, self._store, self._known, self.calls, audit)

    def offers(self, actions: ActionService) -> ToolOffers:
        """Return what models are offered."""
        return ToolOffers(self._database, self._store, self._known, self.calls, actions)


def _start(program: ProgramServer) -> Transport:
    raise NotBegun("Programs cannot be started yet")
