"""Servers of the configuration, and those that people added."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, cast
from uuid import UUID, uuid4

from pisovereign.config import McpAddress, McpConfig, McpServer
from pisovereign.connectors.mcp.types import HttpServer, ProgramServer
from pisovereign.tool_servers.known import KnownServers
from pisovereign.tool_servers.store import SavedServer, ToolServerStore
from pisovereign.tool_servers.types import server_of

ADA, BOB = uuid4(), uuid4()
NOW = dt.datetime(2026, 2, 7, tzinfo=dt.UTC)


class Store:
    """What somebody saved."""

    def __init__(self, *names: str) -> None:
        self._names = names

    async def servers(self, connection: Any, user: UUID) -> list[SavedServer]:
        address = McpAddress(url="https://saved.example.org/mcp")
        return [SavedServer(name, address, False, NOW) for name in self._names]


def known(config: McpConfig, users: list[UUID], *saved: str) -> dict[str, str]:
    """The addresses that Ada has, by name."""
    store = cast("ToolServerStore", Store(*saved))
    found = asyncio.run(KnownServers(config, users, store).all(cast("Any", None), ADA))
    return {name: each.address.url for name, each in found.items() if each.address}


def test_the_configuration_wins() -> None:
    config = McpConfig(servers=(McpServer(name="notes", url="https://notes.example.org/mcp"),))
    assert known(config, [ADA], "notes", "other") == {
        "notes": "https://notes.example.org/mcp",
        "other": "https://saved.example.org/mcp",
    }


def test_with_several_users_nobody_has_what_names_nobody() -> None:
    nobodys = McpServer(name="notes", url="https://notes.example.org/mcp")
    bobs = McpServer(name="bobs", url="https://bobs.example.org/mcp", user_id=str(BOB))
    adas = McpServer(name="adas", url="https://adas.example.org/mcp", user_id=str(ADA))
    config = McpConfig(servers=(nobodys, bobs, adas))
    assert known(config, [ADA, BOB]) == {"adas": "https://adas.example.org/mcp"}


def test_secrets_are_not_in_what_is_written_of_servers() -> None:
    address = McpAddress(url="https://notes.example.org/mcp", token="secret-token")
    assert "secret" not in repr(server_of(address, local=False))
    program = McpAddress(command=("/bin/x", "secret-word"), env={"TOKEN": "secret"})
    assert "secret" not in repr(server_of(program, local=True))
    assert isinstance(server_of(address, local=False), HttpServer)
    assert isinstance(server_of(program, local=True), ProgramServer)
