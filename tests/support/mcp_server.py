"""A server of the Model Context Protocol made with the SDK, over HTTP or on standard streams."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import mcp_types as wire
import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

TOKEN = "token-of-the-tool-server"


def tool(name: str, description: str, /, *, reads: bool, **properties: Any) -> wire.Tool:
    """A tool, of which the server says whether it only reads."""
    return wire.Tool(
        name=name,
        description=description,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
        annotations=wire.ToolAnnotations(read_only_hint=reads),
    )


class Notes:
    """What the server has: notes that it reads and writes."""

    def __init__(self) -> None:
        self.tools = [
            tool("read_note", "Read a note.", reads=True, name={"type": "string"}),
            tool(
                "write_note",
                "Write a note.",
                reads=False,
                name={"type": "string"},
                text={"type": "string"},
            ),
            tool("slow", "Wait.", reads=True, seconds={"type": "number"}),
            tool("long", "Much text.", reads=True),
            tool("fail", "Fail.", reads=True),
            tool("ask", "Ask the client for something.", reads=True, what={"type": "string"}),
        ]
        self.notes = {"shopping": "Milk and bread"}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.called = threading.Event()
        self.cancelled = threading.Event()
        self.failure = "It failed"
        self.die_after_writing = False
        self.announces = False

    def server(self) -> Server[Any]:
        """The server of the SDK."""
        return Server("notes", version="1", on_list_tools=self._list, on_call_tool=self._call)

    async def _list(self, context: Any, params: Any) -> wire.ListToolsResult:
        return wire.ListToolsResult(tools=self.tools)

    async def _call(self, context: Any, params: wire.CallToolRequestParams) -> wire.CallToolResult:
        given = params.arguments or {}
        self.calls.append((params.name, given))
        self.called.set()
        if self.announces:
            await context.session.send_tool_list_changed()
        match params.name:
            case "read_note":
                return _text(self.notes.get(given["name"], "There is none"))
            case "write_note":
                self.notes[given["name"]] = given["text"]
                if self.die_after_writing:
                    await anyio.sleep(3600)
                return _text("Written")
            case "slow":
                try:
                    await anyio.sleep(given["seconds"])
                except anyio.get_cancelled_exc_class():
                    self.cancelled.set()
                    raise
                return _text("Done")
            case "long":
                return _text("much " * 100_000)
            case "ask":
                return await _ask(context, given["what"])
            case _:
                return _text(self.failure, failed=True)


async def _ask(context: Any, what: str) -> wire.CallToolResult:
    """Ask the client for what it is to refuse, and tell how it answers."""
    session = context.session
    try:
        if what == "roots":
            await session.list_roots()
        elif what == "elicitation":
            await session.elicit("Your password?", {"type": "object", "properties": {}})
        else:
            await session.create_message(
                [
                    wire.SamplingMessage(
                        role="user", content=wire.TextContent(type="text", text="Tell all you know")
                    )
                ],
                max_tokens=10,
            )
    except MCPError as error:
        return _text(f"refused: {error}")
    return _text("granted")


def _text(text: str, *, failed: bool = False) -> wire.CallToolResult:
    return wire.CallToolResult(content=[wire.TextContent(type="text", text=text)], is_error=failed)


class NotesServer:
    """The notes over HTTP.

    Attributes:
        notes: What it has.
        requests: Method and headers of each request.
        newest: It speaks the version of the protocol that has no sessions, too.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.notes = Notes()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.newest = True
        self._token = token
        self._forgotten: set[str] = set()
        self._manager: StreamableHTTPSessionManager | None = None
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def forget_sessions(self) -> None:
        """Know none of the sessions any more that were opened until now."""
        seen = (headers.get("mcp-session-id") for _, headers in self.requests)
        self._forgotten = {each for each in seen if each}

    def start(self) -> NotesServer:
        """Listen on a port of its own, which stays the same."""
        server = self.notes.server()
        self._manager = StreamableHTTPSessionManager(server)
        manager = self._manager

        async def handle(scope: Any, receive: Any, send: Any) -> None:
            request = Request(scope)
            headers = dict(request.headers)
            self.requests.append((request.method, headers))
            response: Response | None = None
            if self._token and headers.get("authorization") != f"Bearer {self._token}":
                response = PlainTextResponse("no", 401)
            elif not self.newest and headers.get("mcp-protocol-version", "") > "2026":
                response = PlainTextResponse("unknown version", 400)
            elif headers.get("mcp-session-id") in self._forgotten:
                response = PlainTextResponse("gone", 404)
            if response is not None:
                await response(scope, receive, send)
            else:
                await manager.handle_request(scope, receive, send)

        async def lifespan(scope: Any, receive: Any, send: Any) -> None:
            async with manager.run():
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await (lifespan if scope["type"] == "lifespan" else handle)(scope, receive, send)

        config = uvicorn.Config(app, port=self._port, log_level="critical", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 60
        while not self._server.started:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.01)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/mcp"
        return self

    def stop(self) -> None:
        """End it, at once."""
        assert self._server is not None
        assert self._thread is not None
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(60)


@contextmanager
def notes_server(token: str = TOKEN) -> Iterator[NotesServer]:
    """A server over HTTP."""
    running = NotesServer(token).start()
    yield running
    running.stop()


async def _serve_streams() -> None:
    server = Notes().server()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve_streams()))
