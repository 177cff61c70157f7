"""Sessions with servers: opened when one is needed, shared, kept for a while, opened anew.

A tool is called only if it is still exactly what somebody allowed. A call is sent once: again only
where it is certain that no server took it.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.mcp.errors import NotTaken
from pisovereign.connectors.mcp.types import (
    Limits,
    ProgramServer,
    Server,
    ToolAnswer,
    ToolDefinition,
)
from pisovereign.errors import NotBegun, ToolChanged
from pisovereign.outbound.outbound import Outbound

if TYPE_CHECKING:
    from pisovereign.connectors.mcp.kept_session import KeptSession
    from pisovereign.connectors.mcp.opening import Opening
    from pisovereign.connectors.mcp.program_transport import Start


class Key(NamedTuple):
    """The key of a session: whose server it is with, and that server's name."""

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
        self._entries: dict[Key, KeptSession] = {}
        self._opening: Opening | None = None

    async def tools(self, key: Key, server: Server) -> list[ToolDefinition]:
        """Return the tools that a server has now.

        Raises:
            PiSovereignError: It is not there, does not speak the protocol, or was asked too often.
        """
        entry = await self._entry(key, server)
        async with entry.in_use():
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
        async with entry.in_use():
            for last in (False, True):
                known = await entry.listed()
                now = known.get(tool)
                if now is None or now.fingerprint() != allowed:
                    raise ToolChanged(gone=now is None)
                try:
                    return await entry.call(tool, arguments)
                except NotTaken:
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

    async def _entry(self, key: Key, server: Server) -> KeptSession:
        opening = self._opening or await self._load()
        entry = self._entries.get(key)
        if entry is not None and entry.server != server:
            await self.forget(key)
            entry = None
        if entry is None:
            entry = self._entries[key] = opening.kept(server)
        entry.count()
        await self._make_room(entry)
        return entry

    async def _load(self) -> Opening:
        # In a thread, and only once somebody uses a server: the SDK brings half of what the process
        # otherwise holds, and a small board takes seconds for it.
        name = "pisovereign.connectors.mcp.opening"
        module = await asyncio.to_thread(importlib.import_module, name)
        opening: Opening = module.Opening(self._outbound, self._programs, self._limits)
        self._opening = opening
        return opening

    async def _make_room(self, wanted: KeptSession) -> None:
        """End the sessions that were used the longest ago, so that one more is not too many.

        Raises:
            NotBegun: All of them are in use.
        """
        for kind, most in ((object, self._limits.open), (ProgramServer, self._limits.programs)):
            if not isinstance(wanted.server, kind):
                continue
            others = [
                each
                for each in self._entries.values()
                if each is not wanted and each.is_open and isinstance(each.server, kind)
            ]
            others.sort(key=lambda each: each.used_at)
            idle = [entry for entry in others if not entry.is_busy]
            surplus = max(0, len(others) - most + 1)
            if surplus > len(idle) and not wanted.is_open:
                raise NotBegun("Too many tool servers are in use", retry_after=30)
            for entry in idle[:surplus]:
                await entry.end()
