"""A small web on loopback: a SearXNG that speaks its JSON, and pages as a test says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.support.loopback import FREE_PORT, Loopback


class Page(NamedTuple):
    """What is at a path."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""
    delay_s: float = 0.0


class Web(Loopback):
    """A server with pages, and `/search` of a SearXNG."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Callable[[], Page]] = {}
        self.results: list[Any] = []
        self.json_is_on = True
        self.searches: list[str] = []
        self.asked: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(ThreadingHTTPServer(FREE_PORT, Handler))
        self.host = f"127.0.0.1:{self.port}"

    def clear(self) -> None:
        """There is nothing, and nobody has asked."""
        self.pages.clear()
        self.results = []
        self.json_is_on = True
        self.searches.clear()
        self.asked.clear()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.asked.append(handler.path)
        if parts.path == "/search":
            page = self._search(parse_qs(parts.query))
        else:
            found = self.pages.get(parts.path, Page(status=404))
            page = found if isinstance(found, Page) else found()
        time.sleep(page.delay_s)
        handler.send_response(page.status)
        if page.location:
            handler.send_header("Location", page.location)
        handler.send_header("Content-Type", page.kind)
        handler.send_header("Content-Length", str(len(page.body)))
        handler.end_headers()
        try:
            handler.wfile.write(page.body)
        except OSError:
            handler.close_connection = True

    def _search(self, query: dict[str, list[str]]) -> Page:
        self.searches.append(query["q"][0])
        if query.get("format") != ["json"] or not self.json_is_on:
            return Page(b"<h1>Forbidden</h1>", status=403)
        answer = {"query": query["q"][0], "number_of_results": 0, "results": self.results}
        return Page(json.dumps(answer).encode(), "application/json")
