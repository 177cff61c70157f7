"""A client that leaves, a tool that takes too long, and the end of the server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pisovereign.actions.caller import Caller
from pisovereign.api_keys import OWNER_ID, Identity
from pisovereign.mcp.server import CALLER, McpServer
from pisovereign.mcp.types import ToolResult, ToolSpec

PATIENCE_S = 60.0
ENDLESS = ToolSpec("endless", "Never ends", {"type": "object", "properties": {}}, read_only=True)
LEGACY = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "endless"}}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
MODERN = {**LEGACY, "params": {"name": "endless", "arguments": {}, "_meta": META}}
ERAS = [("2025-06-18", LEGACY), ("2026-07-28", MODERN)]


class EndlessTool:
    """One that waits for ever, and notes how it ends."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    def specs(self) -> list[ToolSpec]:
        return [ENDLESS]

    async def call(self, caller: Caller, tool: str, arguments: dict[str, Any]) -> ToolResult:
        assert (caller.identity.user_id, tool) == (OWNER_ID, "endless")
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError


def scope(version: str) -> dict[str, Any]:
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "endless",
    }
    return {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        CALLER: Caller(Identity(OWNER_ID, frozenset(("user",))), "en"),
    }


@pytest.mark.parametrize(("version", "message"), ERAS)
def test_a_client_that_leaves_stops_the_tool(version: str, message: dict[str, Any]) -> None:
    async def run() -> None:
        tool = EndlessTool()
        server = McpServer(tool, 60)
        await server.start()
        request = asyncio.create_task(server.answer(scope(version), json.dumps(message).encode()))
        async with asyncio.timeout(PATIENCE_S):
            await tool.begun.wait()
            request.cancel()
            await tool.cancelled.wait()
            await server.close()
        assert request.cancelled()

    asyncio.run(run())


@pytest.mark.parametrize(("version", "message"), ERAS)
def test_a_tool_has_its_time(version: str, message: dict[str, Any]) -> None:
    async def run() -> dict[str, Any]:
        tool = EndlessTool()
        server = McpServer(tool, 0.05)
        await server.start()
        async with asyncio.timeout(PATIENCE_S):
            reply = await server.answer(scope(version), json.dumps(message).encode())
            await tool.cancelled.wait()
            await server.close()
        assert reply.status == 200
        result: dict[str, Any] = json.loads(reply.body)["result"]
        return result

    result = asyncio.run(run())
    assert result["isError"]
    assert "longer than 0.05 seconds" in result["content"][0]["text"]


def test_the_end_of_the_server_stops_what_is_under_way() -> None:
    async def run() -> None:
        tool = EndlessTool()
        server = McpServer(tool, 60)
        await server.start()
        request = asyncio.create_task(
            server.answer(scope("2025-06-18"), json.dumps(LEGACY).encode())
        )
        async with asyncio.timeout(PATIENCE_S):
            await tool.begun.wait()
            await server.close()
            await tool.cancelled.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    asyncio.run(run())
