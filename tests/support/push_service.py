"""A push service as a browser's maker runs it: HTTPS, RFC 8030, and browsers that read messages."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
from pathlib import Path
from typing import Any

import http_ece
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from tests.support.loopback import FREE_PORT, Loopback
from tests.support.server import wait_until


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SubscribedBrowser:
    """A browser with its keys; `endpoint` is where it is reached."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"sixteen bytes ok"

    def subscription(self, **more: Any) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": encode(point), "auth": encode(self._auth)}
        return {"endpoint": self.endpoint, "keys": keys, **more}

    def read(self, body: bytes) -> dict[str, str]:
        """Decrypt a message, as RFC 8291 says."""
        plain = http_ece.decrypt(
            body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
        )
        found: dict[str, str] = json.loads(plain)
        return found


class Message:
    """One request of the program's."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body


class PushServer(Loopback):
    """Takes messages at `https://localhost:<port>/send/<name>`.

    Attributes:
        sent: All that came.
        statuses: What is answered by path; otherwise 201.
    """

    def __init__(self, folder: Path) -> None:
        ca = trustme.CA()
        self.ca_file = folder / "push-ca.pem"
        ca.cert_pem.write_to_path(self.ca_file)
        self.sent: list[Message] = []
        self.statuses: dict[str, int] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(context)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                # As a real one does: who sends has to prove it.
                accepted = Vapid02.verify(headers["authorization"])
                status = outer.statuses.get(self.path, 201) if accepted else 403
                outer.sent.append(Message(self.path, headers, body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(FREE_PORT, Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        super().__init__(server)
        self.url = f"https://localhost:{self.port}"

    def browser(self, name: str) -> SubscribedBrowser:
        return SubscribedBrowser(f"{self.url}/send/{name}")

    def settings(self, **more: str) -> dict[str, str]:
        """Settings of a program that may reach it."""
        return {
            "PISOVEREIGN_OUTBOUND__ALLOW_HOSTS": json.dumps([f"localhost:{self.port}"]),
            "PISOVEREIGN_OUTBOUND__CA_FILE": str(self.ca_file),
            "PISOVEREIGN_OUTBOUND__BREAKER_FAILURES": "100",
            **more,
        }

    def wait_for(self, name: str, count: int) -> list[Message]:
        """Wait until so many messages came for a browser."""

        def came() -> list[Message]:
            return [each for each in self.sent if each.path == f"/send/{name}"]

        wait_until(lambda: len(came()) >= count, 60, f"{count} messages for {name}")
        return came()
