"""The session with one server: opened when it is needed, kept for a while, opened anew."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pisovereign.connectors.mcp.errors import NotTaken, SessionLost
from pisovereign.connectors.mcp.http_transport import GatedTransport
from pisovereign.connectors.mcp.session import Session
from pisovereign.connectors.mcp.types import HttpServer, Limits, Server, ToolAnswer, ToolDefinition
from pisovereign.errors import AskedTooOften, NotBegun, OutcomeUnknown, PiSovereignError
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.gate import Gate


class KeptSession:
    """One server: its session, if there is one, and how it was used."""

    def __init__(
        self,
        server: Server,
        new: Callable[[], tuple[Session, GatedTransport | None]],
        gate: Gate,
        limits: Limits,
    ) -> None:
        self.server = server
        self.used_at = 0.0
        self._asking = asyncio.Semaphore(limits.parallel)
        self._users = 0
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

    @property
    def is_busy(self) -> bool:
        """Return whether somebody uses it, or waits for that."""
        return self._users > 0

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        """Use it for as long as the block runs: it is not ended meanwhile."""
        self._users += 1
        try:
            async with self._asking:
                yield
        finally:
            self._users -= 1
            self.used_at = time.monotonic()

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
                try:
                    self._tools = {tool.name: tool for tool in await session.tools()}
                except SessionLost:
                    raise NotBegun("The session ends whenever its tools are asked for") from None
            self._listed_at = time.monotonic()
        return self._tools

    async def call(self, tool: str, arguments: dict[str, Any]) -> ToolAnswer:
        """Call a tool.

        Raises:
            NotTaken: The session had ended.
            OutcomeUnknown: It ended, and may have taken the call.
        """
        session, gated = await self._opened(), self._gated
        try:
            return await session.call(tool, arguments)
        except SessionLost as error:
            await self._lost(session)
            if error.sent:
                raise OutcomeUnknown(error.message) from None
            raise NotTaken(error.message) from None
        except NotBegun as error:
            if gated is None or not gated.expired:
                raise
            await self._lost(session)
            raise NotTaken(error.message) from None

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
        if self.is_busy:
            self._rest()
            return
        task = asyncio.get_running_loop().create_task(self.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
