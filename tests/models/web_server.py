"""A web server with TLS that delivers parts of one file, and notes what it was asked for."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from pisovereign.models.web import Web
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.support.loopback import FREE_PORT, Loopback


@dataclass
class WebServer:
    """Serves `content` at `/model.gguf`; `/away` leads there, `/plain` to http, `/loop` to itself.

    Attributes:
        cut_after: bytes after which each connection is cut, or 0.
        whole_only: whether it knows no parts.
        paused: set to stop every answer in the middle.
    """

    content: bytes
    ca: Path
    port: int = 0
    etag: str = '"one"'
    cut_after: int = 0
    whole_only: bool = False
    hold_at: int = 0
    holding: threading.Event = field(default_factory=threading.Event)
    ranges: list[tuple[int, int]] = field(default_factory=list)

    def url(self, path: str = "model.gguf") -> str:
        return f"https://127.0.0.1:{self.port}/{path}"

    def web(self, *, allow: bool = True) -> Web:
        hosts = [AllowedHost("127.0.0.1", self.port)] if allow else []
        return Web(Gate(hosts), Tls(str(self.ca)), pause_s=0.01)

    @property
    def sent(self) -> int:
        return sum(end - start for start, end in self.ranges)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        leads = {"/away": self.url(), "/loop": self.url("loop"), "/plain": "http://127.0.0.1:1/x"}
        if handler.path.partition("?")[0] in leads:
            handler.send_response(302)
            handler.send_header("Location", leads[handler.path.partition("?")[0]])
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if handler.path.partition("?")[0] != "/model.gguf":
            handler.send_error(404)
            return
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range") or "")
        start, end = (int(match[1]), int(match[2]) + 1) if match else (0, len(self.content))
        end = min(end, len(self.content))
        if self.whole_only:
            start, end = 0, len(self.content)
        handler.send_response(200 if self.whole_only else 206)
        handler.send_header("Content-Length", str(end - start))
        handler.send_header("ETag", self.etag)
        if not self.whole_only:
            total = len(self.content)
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{total}")
        handler.end_headers()
        if self.cut_after:
            end = min(end, start + self.cut_after)
        if self.hold_at and end > self.hold_at:
            handler.wfile.write(self.content[start : self.hold_at])
            handler.wfile.flush()
            self.ranges.append((start, self.hold_at))
            self.holding.wait(60)
            return
        self.ranges.append((start, end))
        handler.wfile.write(self.content[start:end])


@contextmanager
def serving(content: bytes, folder: Path) -> Iterator[WebServer]:
    """Serve while the body runs; the certificate of the authority is written to `folder`."""
    authority = trustme.CA()
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    state = WebServer(content, ca)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = ThreadingHTTPServer(FREE_PORT, Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_port
    with Loopback(server):
        try:
            yield state
        finally:
            state.holding.set()
