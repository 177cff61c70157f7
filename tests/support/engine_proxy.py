"""A server between the API and the engine: it shows what the model is sent, and can fail."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.loopback import FREE_PORT, Loopback

# A status, and what it comes with: all at once, or bit by bit.
Reply = tuple[int, bytes | Iterator[bytes]]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over the engine's UNIX socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class EngineProxy(Loopback):
    """Passes everything on to the real engine.

    Attributes:
        prompts: The messages of every chat request, the oldest first.
        no_embeddings: Answer requests for embeddings with 503.
        stuck_embeddings: Never answer them.
        answers: Answers to give, in this order, in place of the engine's to requests for JSON.
        says: What the model says to every other request; None: the engine's own words.
    """

    def __init__(self, engine_socket: Path) -> None:
        self._socket = engine_socket
        self.prompts: list[list[dict[str, str]]] = []
        self.no_embeddings = False
        self.stuck_embeddings = False
        self.answers: list[str] = []
        self.says: str | None = None
        self._ended = threading.Event()
        super().__init__(ThreadingHTTPServer(FREE_PORT, self._handler()))
        self.url += "/v1"

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        super().__exit__()

    @property
    def newest(self) -> str:
        """The last message that the model was sent."""
        return self.prompts[-1][-1]["content"]

    def reply(self, path: str, body: bytes) -> Reply | None:
        """What this server says itself, perhaps bit by bit; None: the engine is asked."""
        if path.endswith("/embeddings"):
            if self.stuck_embeddings:
                self._ended.wait(60)
            if self.no_embeddings or self.stuck_embeddings:
                return 503, b'{"error": {"message": "away"}}'
        if path.endswith("/chat/completions"):
            request: dict[str, Any] = json.loads(body)
            if "response_format" in request and self.answers:
                return 200, stream(self.answers.pop(0))
            self.prompts.append(request["messages"])
            if self.says is not None and "response_format" not in request:
                return 200, stream(self.says)
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._pass_on(b"")

            def do_POST(self) -> None:
                self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

            def _pass_on(self, body: bytes) -> None:
                data: bytes | Iterator[bytes]
                own = proxy.reply(self.path, body)
                if own is not None:
                    status, data = own
                else:
                    engine = _UnixConnection(proxy._socket)
                    engine.request(
                        self.command, self.path, body, {"Content-Type": "application/json"}
                    )
                    response = engine.getresponse()
                    status, data = response.status, response.read()
                    engine.close()
                self.send_response(status)
                if isinstance(data, bytes):
                    self.send_header("Content-Length", str(len(data)))
                    data = iter((data,))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # the API may have left meanwhile
                    for part in data:
                        self.wfile.write(part)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def piece(text: str, reason: str | None = None) -> bytes:
    """A piece of an answer, as the engine streams it; the last one says why it ends."""
    chunk = {"model": "x", "choices": [{"delta": {"content": text}, "finish_reason": reason}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def stream(text: str, reason: str = "stop") -> bytes:
    """A whole answer, as the engine streams it, and why it ends."""
    return piece(text, reason) + b"data: [DONE]\n\n"
