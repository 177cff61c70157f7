"""Sessions with servers: opened when one is needed, shared, kept for a while, opened anew.

A tool is called only if it is still exactly what somebody allowed. A call is sent once: again only
where it is certain that no server took it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import httpx2
import msgspec
from mcp.client.streamable_http import streamable_http_client

from pisovereign.errors import NotBegun, PiSovereignError
from pisovereign.integrations.mcp.http_transport import GatedTransport
from pisovereign.integrations.mcp.program_transport import ProgramTransport, Start
from pisovereign.integrations.mcp.session import Session, SessionLost
from pisovereign.integrations.mcp.types import (
    AskedTooOften,
    HttpServer,
    ProgramServer,
    Server,
    ToolAnswer,
    ToolChanged,
    ToolDefinition,
)
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.outbound import Outbound


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one server, and of all that are in use; times in seconds."""

    call_s: float = 30.0
    calls_a_minute: int = 60
    parallel: int = 4
    idle_s: float = 120.0
    listed_s: float = 60.0
    pause_s: float = 15.0
    open: int = 8
    programs: int = 2


class Key(NamedTuple):
    """Whose server, and its name."""

    user: UUID
    name: str


class Sessions:
    """Everything that is open, in this process.

    Args:
        outbound: The one way out.
        programs: Starts programs.
        limits: How long, how often, and how many.
    """

    def __init__(self, outbound: Outbound, programs: Start, limits: Limits | None = None) -> None:
        self._outbound = outbound
        self._programs = programs
        self._limits = limits or Limits()
        self._entries: dict[Key, _Entry] = {}

    async def tools(self, key: Key, server: Server) -> list[ToolDefinition]:
        """Return the tools that a server has now.

        Raises:
            PiSovereignError: It is not there, does not speak the protocol, or was asked too often.
        """
        entry = await self._entry(key, server)
        async with entry.asking:
            return list((await entry.listed(afresh=True)).values())

    async def call(
        self, key: Key, server: Server, tool: str, arguments: dict[str, Any], *, allowed: bytes
    ) -> ToolAnswer:
        """Call a tool, once.

        Args:
            key: Whose server.
            server: Where it is.
            tool: One of its tools.
            arguments: What it is given.
            allowed: The fingerprint of the tool that somebody allowed.

        Raises:
            ToolChanged: It is another one by now.
            NotBegun: Certainly no server took the call.
            UpstreamError: The server refuses, or whether it was done is not known.
        """
        entry = await self._entry(key, server)
        async with entry.asking:
            for last in (False, True):
                known = await entry.listed()
                now = known.get(tool)
                if now is None or now.fingerprint() != allowed:
                    raise ToolChanged(now)
                try:
                    return await entry.call(tool, arguments)
                except _NotTaken:
                    if last:
                        raise
        raise AssertionError("the last try returns or raises")

    async def forget(self, key: Key) -> None:
        """End the session with a server."""
        if (entry := self._entries.pop(key, None)) is not None:
            await entry.end()

    async def close(self) -> None:
        """End everything."""
        entries = list(self._entries.values())
        self._entries.clear()
        await asyncio.gather(*(entry.end() for entry in entries))

    async def _entry(self, key: Key, server: Server) -> _Entry:
        entry = self._entries.get(key)
        if entry is not None and entry.server != server:
            await self.forget(key)
            entry = None
        if entry is None:
            entry = _Entry(server, lambda: self._new(server), self._outbound.gate, self._limits)
            self._entries[key] = entry
        entry.count()
        await self._make_room(entry)
        return entry

    async def _make_room(self, wanted: _Entry) -> None:
        """End the sessions that were used the longest ago, so that one more is not too many."""
        for kind, most in ((object, self._limits.open), (ProgramServer, self._limits.programs)):
            if not isinstance(wanted.server, kind):
                continue
            others = [
                each
                for each in self._entries.values()
                if each is not wanted and each.is_open and isinstance(each.server, kind)
            ]
            others.sort(key=lambda each: each.used_at)
            for entry in others[: max(0, len(others) - most + 1)]:
                await entry.end()

    def _new(self, server: Server) -> tuple[Session, GatedTransport | None]:
        limit_s = self._limits.call_s
        if isinstance(server, ProgramServer):
            # Not asked for the newest versions: what a program does not know may end it.
            program = ProgramTransport(self._programs, server)
            made = Session(program.streams(), _no_failure, limit_s, modern=False, why=program.why)
            return made, None
        gated = GatedTransport(self._outbound.client, server.token, limit_s)
        http = httpx2.AsyncClient(transport=gated, trust_env=False, timeout=None)
        transport = streamable_http_client(server.url, http_client=http)
        return Session(transport, gated.failure, limit_s, modern=True), gated


def _no_failure(data: Any) -> None:
    """Say that no error of a program is one of ours: it answers for itself."""


class _NotTaken(NotBegun):
    """The call was not taken, because the session had ended: a new one may take it."""


class _Entry:
    """One server: its session, if there is one, and how it was used."""

    def __init__(
        self,
        server: Server,
        new: Callable[[], tuple[Session, GatedTransport | None]],
        gate: Gate,
        limits: Limits,
    ) -> None:
        self.server = server
        self.asking = asyncio.Semaphore(limits.parallel)
        self.used_at = 0.0
        self._new = new
        self._gate = gate
        self._limits = limits
        self._times: deque[float] = deque()
        self._opening = asyncio.Lock()
        self._session: Session | None = None
        self._gated: GatedTransport | None = None
        self._tools: dict[str, ToolDefinition] = {}
        self._listed_at = 0.0
        self._failed: tuple[float, PiSovereignError] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Return whether there is a session."""
        return self._session is not None

    def count(self) -> None:
        """Count one more use.

        Raises:
            AskedTooOften: There were too many within a minute.
        """
        now = time.monotonic()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        if len(self._times) >= self._limits.calls_a_minute:
            raise AskedTooOften("It was asked too often within a minute", retry_after=60)
        self._times.append(now)
        self.used_at = now

    async def listed(self, *, afresh: bool = False) -> dict[str, ToolDefinition]:
        """Return the tools by name, as they were told lately."""
        session = await self._opened()
        old = time.monotonic() - self._listed_at > self._limits.listed_s
        if afresh or old or session.stale:
            try:
                self._tools = {tool.name: tool for tool in await session.tools()}
            except (SessionLost, NotBegun):
                await self._lost(session)
                session = await self._opened()
                self._tools = {tool.name: tool for tool in await session.tools()}
            self._listed_at = time.monotonic()
        return self._tools

    async def call(self, tool: str, arguments: dict[str, Any]) -> ToolAnswer:
        """Call a tool.

        Raises:
            _NotTaken: The session had ended.
        """
        session, gated = await self._opened(), self._gated
        try:
            return await session.call(tool, arguments)
        except SessionLost as error:
            await self._lost(session)
            if error.sent:
                raise
            raise _NotTaken(error.message) from None
        except NotBegun as error:
            if gated is None or not gated.expired:
                raise
            await self._lost(session)
            raise _NotTaken(error.message) from None

    async def end(self) -> None:
        """End the session."""
        if self._idle is not None:
            self._idle.cancel()
        if self._session is not None:
            await self._lost(self._session)

    async def _opened(self) -> Session:
        async with self._opening:
            if self._session is not None and not self._session.is_open:
                await self._lost(self._session)
            if self._session is None:
                await self._open()
            assert self._session is not None
            self._rest()
            return self._session

    async def _open(self) -> None:
        now = time.monotonic()
        if self._failed is not None and now < self._failed[0]:
            raise NotBegun(self._failed[1].message, retry_after=int(self._limits.pause_s))
        session, self._gated = self._new()
        self._gate.admit(self._hosts())
        try:
            await session.open()
        except PiSovereignError as error:
            self._gate.dismiss(self._hosts())
            self._failed = (time.monotonic() + self._limits.pause_s, error)
            # Nothing but the opening was sent.
            raise NotBegun(error.message) from None
        except BaseException:
            self._gate.dismiss(self._hosts())
            raise
        self._failed = None
        self._session = session

    async def _lost(self, session: Session) -> None:
        if self._session is session:
            self._session = None
            self._listed_at = 0.0
            await session.close()
            self._gate.dismiss(self._hosts())

    def _hosts(self) -> Sequence[AllowedHost]:
        if not isinstance(self.server, HttpServer) or not self.server.local:
            return ()
        target = parse_url(self.server.url)
        return (AllowedHost(target.host, target.port),)

    def _rest(self) -> None:
        """End the session once nobody has used it for a while."""
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self._limits.idle_s, self._let_go)

    def _let_go(self) -> None:
        task = asyncio.get_running_loop().create_task(self.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
