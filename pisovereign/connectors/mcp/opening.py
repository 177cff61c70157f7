"""How sessions are opened: what the SDK talks through to a program, or over HTTP."""

from __future__ import annotations

from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from pisovereign.connectors.mcp.http_transport import GatedTransport
from pisovereign.connectors.mcp.kept_session import KeptSession
from pisovereign.connectors.mcp.program_transport import ProgramTransport, Start
from pisovereign.connectors.mcp.session import Session
from pisovereign.connectors.mcp.types import Limits, ProgramServer, Server
from pisovereign.outbound.outbound import Outbound


class Opening:
    """Opens sessions.

    Args:
        outbound: The one way out.
        programs: Starts programs.
        limits: How long, how often, and how many.
    """

    def __init__(self, outbound: Outbound, programs: Start, limits: Limits) -> None:
        self._outbound = outbound
        self._programs = programs
        self._limits = limits

    def kept(self, server: Server) -> KeptSession:
        """Return what keeps the session with a server, which is opened once it is used."""
        return KeptSession(server, lambda: self._new(server), self._outbound.gate, self._limits)

    def _new(self, server: Server) -> tuple[Session, GatedTransport | None]:
        limit_s = self._limits.call_s
        if isinstance(server, ProgramServer):
            # Not asked for the newest versions: what a program does not know may end it.
            program = ProgramTransport(self._programs, server)
            made = Session(program.streams(), _no_failure, limit_s, modern=False, why=program.why)
            return made, None
        gated = GatedTransport(
            self._outbound.client, server.token, limit_s, self._limits.news_pause_s
        )
        http = httpx2.AsyncClient(transport=gated, trust_env=False, timeout=None)
        transport = streamable_http_client(server.url, http_client=http)
        return Session(transport, gated.failure, limit_s, modern=True), gated


def _no_failure(data: Any) -> None:
    """Say that no error of a program is one of ours: it answers for itself."""
