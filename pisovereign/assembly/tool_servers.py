"""Tool servers: what talks to them, what models are offered, and what people see."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.actions.service import ActionService
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.audit.service import AuditLog
from pisovereign.connectors.mcp.sessions import Sessions
from pisovereign.connectors.mcp.types import Limits, ProgramServer
from pisovereign.runner.client import ProgramSession, RunnerClient, one_reason
from pisovereign.runner.types import SESSION_S, RunRequest, SessionSpec, SharedFolder
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
        runner: Executes programs.

    Attributes:
        sessions: What is open; closed at the end.
        calls: Calls tools, for approvals.
    """

    def __init__(
        self,
        base: Infrastructure,
        configured: Sequence[UUID],
        audit: AuditLog,
        runner: RunnerClient,
    ) -> None:
        config = base.config.mcp
        self._database = base.database
        self._store = ToolServerStore(base.sealer)
        self._known = KnownServers(config, configured, self._store)
        limits = Limits(call_s=config.call_timeout_s, calls_a_minute=config.calls_per_minute)
        self.sessions = Sessions(base.outbound, Programs(runner).start, limits)
        self.calls = ToolServerCalls(
            base.database, self._store, self._known, self.sessions, config.call_timeout_s
        )
        self.service = ToolServerService(base.database, self._store, self._known, self.calls, audit)

    def offers(self, actions: ActionService) -> ToolOffers:
        """Return what models are offered."""
        return ToolOffers(self._database, self._store, self._known, self.calls, actions)


class _Process:
    """A program that the runner executes."""

    def __init__(self, session: ProgramSession) -> None:
        self._session = session
        self.read = session.read
        self.write = session.write
        self.close = session.close

    def reason(self) -> str:
        result = self._session.result
        return "" if result is None else one_reason(result)


class Programs:
    """Starts programs in the sandbox of the runner.

    Args:
        runner: What executes them.
    """

    def __init__(self, runner: RunnerClient) -> None:
        self._runner = runner

    async def start(self, program: ProgramServer) -> _Process:
        """Start a program, which sees no more than was named.

        Raises:
            PiSovereignError: It was not started.
        """
        folders = tuple(SharedFolder(path=one.path, write=one.write) for one in program.folders)
        request = RunRequest(
            argv=program.argv,
            network=program.network,
            timeout_s=SESSION_S,
            session=SessionSpec(env=program.env, folders=folders),
        )
        return _Process(await self._runner.open(request))
