"""Loads the SDK when somebody speaks the protocol, and hands it requests."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pisovereign.actions.caller import Caller
from pisovereign.errors import ServiceUnavailable
from pisovereign.mcp.tools import McpTools
from pisovereign.mcp.types import Reply

if TYPE_CHECKING:
    from pisovereign.mcp.server import McpServer

TOOL_LIMIT_S = 90.0  # a source has its own limits below this
REQUEST_LIMIT_S = TOOL_LIMIT_S + 30.0  # with what the SDK does around it, also loading it


class McpGateway:
    """The one server of the protocol, made at the first request.

    Args:
        tools: What it offers.
    """

    def __init__(self, tools: McpTools) -> None:
        self._tools = tools
        self._loading = asyncio.Lock()
        self._server: McpServer | None = None

    async def answer(self, caller: Caller, scope: Mapping[str, Any], body: bytes) -> Reply:
        """Return the reply to one POST.

        Raises:
            ServiceUnavailable: it took too long.
        """
        try:
            async with asyncio.timeout(REQUEST_LIMIT_S):
                server = self._server or await self._load()
                return await server.answer({**scope, "pisovereign.caller": caller}, body)
        except TimeoutError:
            raise ServiceUnavailable(f"No answer within {REQUEST_LIMIT_S:g} seconds") from None

    async def close(self) -> None:
        """Cancel the requests under way."""
        if self._server is not None:
            await self._server.close()

    async def _load(self) -> McpServer:
        async with self._loading:
            if self._server is None:
                # In a thread: on a small board it takes seconds, and others wait for answers.
                module = await asyncio.to_thread(importlib.import_module, "pisovereign.mcp.server")
                server: McpServer = module.McpServer(self._tools, TOOL_LIMIT_S)
                await server.start()
                self._server = server
            return self._server
