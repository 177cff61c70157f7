"""The official client, over a socket, in both eras of the protocol."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, Tool

from tests.metrics.scrape import counted, series
from tests.support.api_process import ApiProcess
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server

T = TypeVar("T")
LIMIT_S = 60.0
ERAS = ["legacy", "auto"]
SECRET = "The spare key of the allotment hangs behind the green watering can"


@asynccontextmanager
async def connected(
    server: Server | ApiProcess, key: str, mode: str = "auto"
) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=LIMIT_S) as http:
        transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=LIMIT_S) as client:
            yield client


def talk(
    server: Server | ApiProcess,
    say: Callable[[Client], Awaitable[T]],
    key: str = ALICE_KEY,
    mode: str = "auto",
) -> T:
    async def run() -> T:
        async with asyncio.timeout(LIMIT_S), connected(server, key, mode) as client:
            return await say(client)

    return asyncio.run(run())


def use(
    server: Server | ApiProcess, tool: str, arguments: dict[str, Any], **how: Any
) -> CallToolResult:
    return talk(server, lambda client: client.call_tool(tool, arguments), **how)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", ERAS)
def test_it_introduces_itself_and_lists_its_tools(server: Server, mode: str) -> None:
    async def say(client: Client) -> tuple[str, str, list[Tool]]:
        listed = await client.list_tools()
        assert client.server_info
        return client.server_info.name, client.instructions or "", listed.tools

    name, instructions, listed = talk(server, say, mode=mode)
    assert name == "pisovereign"
    assert "ask for an approval" in instructions
    tools = {tool.name: tool for tool in listed}
    assert {"memory_search", "weather", "reminders", "create_event", "run"} <= tools.keys()
    hints = {name: tool.annotations for name, tool in tools.items()}
    reading = {name for name, hint in hints.items() if hint and hint.read_only_hint}
    assert reading == {
        *("memory_search", "briefing", "weather", "calendar", "emails", "help", "reminders"),
        *("recall", "show_list", "date_time", "calculate", "convert_units", "search_documents"),
        *("home_state", "find_contact", "search_web", "read_page", "tasks", "waste"),
    }
    assert tools["memory_search"].input_schema["required"] == ["q"]


@pytest.mark.parametrize("mode", ERAS)
def test_memories_are_found_by_their_owner_alone(server: Server, mode: str) -> None:
    new = {"content": SECRET, "summary": "Spare key", "memory_type": "fact"}
    made = server.request("POST", "/v1/memories", json=new).json()
    asked = {"q": "Where is the spare key of the allotment?", "limit": 3}
    mine = use(server, "memory_search", asked, mode=mode)
    assert SECRET in text_of(mine)
    assert made["id"] in [memory["id"] for memory in mine.structured_content["memories"]]
    assert SECRET not in str(use(server, "memory_search", asked, key=BOB_KEY, mode=mode))


@pytest.mark.parametrize("mode", ERAS)
def test_what_only_reads_answers_at_once(server: Server, mode: str) -> None:
    result = use(server, "reminders", {}, mode=mode)
    assert not result.is_error
    assert result.structured_content["command"] == "ListReminders"
    assert text_of(result) == result.structured_content["text"]


@pytest.mark.parametrize("key", [ALICE_KEY, ADMIN_KEY])
def test_what_changes_something_waits_for_a_person(server: Server, key: str) -> None:
    at = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)).replace(microsecond=0)
    title = f"Water the tomatoes {key[3:8]}"
    before = counted(series(server), "commands_total", command="CreateReminder")
    result = use(server, "create_reminder", {"title": title, "remind_at": at.isoformat()}, key=key)
    told = result.structured_content
    assert told["status"] == "pending_approval"
    assert told["happened"] is False
    assert "Nothing has happened yet" in text_of(result)
    assert told["approval_id"] in text_of(result)

    approval = server.request("GET", f"/v1/approvals/{told['approval_id']}").json()
    assert approval["status"] == "pending"
    assert title in approval["title"]
    assert title not in server.request("GET", "/v1/reminders").text
    past = {"title": title, "remind_at": "2001-01-01T00:00:00Z"}
    assert use(server, "create_reminder", past, key=key).is_error
    after = counted(series(server), "commands_total", command="CreateReminder")
    before["pending_approval"] += 1
    before["refused"] += 1
    assert after == before
    done = server.request("POST", f"/v1/approvals/{told['approval_id']}/approve")
    assert done.json()["status"] == "executed"
    assert title in server.request("GET", "/v1/reminders").text


def test_system_commands_are_judged_as_those_of_a_key_that_may_only_ask(server: Server) -> None:
    new = {"name": "Uptime of mine", "description": "Uptime", "command": "uptime"}
    made = server.request(
        "POST", "/v1/commands/catalog", key=ADMIN_KEY, json={**new, "requires_approval": True}
    ).json()
    waits = use(server, "run", {"catalog_id": made["id"]}, key=ADMIN_KEY).structured_content
    assert waits["status"] == "pending_approval"
    server.request("POST", f"/v1/approvals/{waits['approval_id']}/cancel")
    server.request("DELETE", f"/v1/commands/catalog/{made['id']}", key=ADMIN_KEY)
    harmless = use(server, "run", {"catalog_id": "default-disk-free"}, key=ADMIN_KEY)
    assert harmless.structured_content["status"] == "completed"


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("weather", {"planet": "Mars"}, "args.planet"),
        ("memory_search", {"q": "", "limit": 1000}, "q cannot be empty; limit"),
        ("create_event", {"title": "x"}, "args.start"),
        ("run", {"catalog_id": "default-nothing"}, "catalog_id"),
        ("approve", {}, "There is no tool 'approve'"),
        ("weather", {}, "not set up"),
    ],
)
def test_mistakes_are_told_to_the_model(
    server: Server, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    result = use(server, tool, arguments)
    assert result.is_error
    assert reason in text_of(result)


def test_answers_come_in_the_language_that_is_asked_for(server: Server) -> None:
    async def run() -> CallToolResult:
        headers = {"Authorization": f"Bearer {ALICE_KEY}", "Accept-Language": "de"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=LIMIT_S) as http,
            Client(streamable_http_client(f"{server.url}/mcp", http_client=http)) as client,
        ):
            nothing = {"q": "Quastenflosser", "threshold": 1.0}
            return await client.call_tool("memory_search", nothing)

    assert text_of(asyncio.run(run())) == "Keine Erinnerung passt."
