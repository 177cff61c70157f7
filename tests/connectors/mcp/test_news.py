"""A server that ends its stream of news again and again, and wants to be asked again at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from pisovereign.config import Config
from pisovereign.connectors.mcp.program_transport import Process
from pisovereign.connectors.mcp.sessions import Key, Sessions
from pisovereign.connectors.mcp.types import HttpServer, Limits, ProgramServer
from pisovereign.outbound.outbound import Outbound
from tests.support.loopback import FREE_PORT, Loopback

KEY = Key(uuid4(), "notes")
_KNOWN: dict[str, Any] = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {"listChanged": True}},
        "serverInfo": {"name": "eager", "version": "1"},
    },
    "tools/list": {"tools": []},
}


class Eager(Loopback):
    """It counts how often it is asked for news."""

    def __init__(self) -> None:
        self.asked = 0
        super().__init__(ThreadingHTTPServer(FREE_PORT, self._handler()))
        self.url += "/mcp"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        eager = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                eager.asked += 1
                self._write(200, "text/event-stream", b"retry: 0\n\n")

            def do_DELETE(self) -> None:
                self._write(200, "text/plain", b"")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "id" not in body:
                    self._write(202, "text/plain", b"")
                    return
                answer: dict[str, Any] = {"jsonrpc": "2.0", "id": body["id"]}
                if body["method"] in _KNOWN:
                    answer["result"] = _KNOWN[body["method"]]
                else:
                    answer["error"] = {"code": -32601, "message": "not known"}
                self._write(200, "application/json", json.dumps(answer).encode())

            def _write(self, status: int, kind: str, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Mcp-Session-Id", "one")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None: ...

        return Handler


@pytest.fixture
def eager() -> Iterator[Eager]:
    with Eager() as made:
        yield made


async def _no_programs(_: ProgramServer) -> Process:
    raise AssertionError("no program is started here")


def test_it_is_not_asked_again_at_once(eager: Eager) -> None:
    async def course() -> None:
        outbound = Outbound(Config())
        sessions = Sessions(outbound, _no_programs, Limits(news_pause_s=3600.0))
        try:
            async with asyncio.timeout(120):
                # As many ways there and back as asking again and again would need for hundreds.
                for _ in range(40):
                    await sessions.tools(KEY, HttpServer(url=eager.url, local=True))
        finally:
            await sessions.close()
            await outbound.close()

    asyncio.run(course())
    assert eager.asked <= 1
