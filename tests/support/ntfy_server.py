"""A server of ntfy's kind on the loopback."""

from __future__ import annotations

import json
import re
import socket
from collections import deque
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.loopback import FREE_PORT, Loopback, QuietServer
from tests.support.server import wait_until

TOPIC, TOKEN = "house-8f2c61d4a0e9", "tk_0123456789abcdef0123456789abc"
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_KNOWN = {"topic", "message", "title", "priority", "click", "tags", "actions"}


class NtfyServer(Loopback):
    """Takes notifications as JSON.

    Attributes:
        sent: What was published.
        answers: The statuses of the next answers; 0 closes the connection, the notice being taken.
        retry_after: What a 429 says.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: deque[int] = deque()
        self.retry_after = "1"
        super().__init__(QuietServer(FREE_PORT, self._handler()))

    def wait_for(self, count: int, limit_s: float = 60) -> list[dict[str, Any]]:
        """Until so much was published; returns it."""
        wait_until(lambda: len(self.sent) >= count, limit_s, f"{count} notifications")
        return self.sent

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ntfy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                match self.path:
                    case "/v1/health":
                        self._write(200, {"healthy": True})
                    case "/v1/account" if self._may():
                        self._write(200, {"username": "house"})
                    case "/v1/account":
                        self._refuse(401)
                    case _:
                        self._refuse(404)

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != "/" or not self._may():
                    self._refuse(404 if self.path != "/" else 403)
                    return
                notice = json.loads(raw)
                assert notice.keys() <= _KNOWN
                assert _TOPIC.fullmatch(notice["topic"])
                assert notice.get("priority", 3) in range(1, 6)
                assert len(notice["message"].encode()) <= 4096
                status = ntfy.answers.popleft() if ntfy.answers else 200
                if status in (0, 200):
                    ntfy.sent.append(notice)
                if status == 0:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif status == 200:
                    self._write(200, {"id": "abc", "event": "message", **notice})
                else:
                    self._refuse(status)

            def _may(self) -> bool:
                return self.headers["Authorization"] == f"Bearer {TOKEN}"

            def _refuse(self, status: int) -> None:
                self._write(status, {"code": status * 100, "http": status, "error": "no"})

            def _write(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                if status == 429:
                    self.send_header("Retry-After", ntfy.retry_after)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def settings(url: str, user: str) -> dict[str, str]:
    """The variables that make a server tell a user here."""
    return {
        "PISOVEREIGN_NTFY__TOPIC": TOPIC,
        "PISOVEREIGN_NTFY__TOKEN": TOKEN,
        "PISOVEREIGN_NTFY__SERVER": url,
        "PISOVEREIGN_NTFY__USER_ID": user,
        "PISOVEREIGN_NTFY__PAGE_URL": "https://pisovereign.test",
    }
