"""Meta's side of WhatsApp on the loopback: the Graph API, and webhooks with real signatures."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import requests

from tests.support.loopback import FREE_PORT, Loopback, QuietServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, BOB, wait_until

NUMBER_ID = "106540352242922"
TOKEN, SECRET, VERIFY = "EAAG-test-token", "test-app-secret", "test-verify-token"
ALICE_PHONE, BOB_PHONE = "4915112345678", "4915187654321"


def settings(graph_url: str, **more: str) -> dict[str, str]:
    """The variables that make a server use this side; Alice may approve, Bob may not."""
    senders = [
        {"phone": f"+{ALICE_PHONE}", "user_id": ALICE},
        {"phone": BOB_PHONE, "user_id": BOB, "approve": False},
    ]
    return {
        "PISOVEREIGN_WHATSAPP__PHONE_NUMBER_ID": NUMBER_ID,
        "PISOVEREIGN_WHATSAPP__ACCESS_TOKEN": TOKEN,
        "PISOVEREIGN_WHATSAPP__APP_SECRET": SECRET,
        "PISOVEREIGN_WHATSAPP__VERIFY_TOKEN": VERIFY,
        "PISOVEREIGN_WHATSAPP__GRAPH_URL": graph_url,
        "PISOVEREIGN_WHATSAPP__SENDERS": json.dumps(senders),
        # Answers that are short, and the same each time.
        "PISOVEREIGN_INFERENCE__MAX_TOKENS": "12",
        "PISOVEREIGN_INFERENCE__TEMPERATURE": "0.0",
        **more,
    }


class GraphApi(Loopback):
    """Answers as the Graph API does.

    Attributes:
        sent: The bodies of all messages that were taken, in order.
        read: The ids of messages that were marked as read.
        refusals: What the next messages are answered with instead: a status and a body; None closes
            the connection when the message was taken, without any answer.
        delay_s: How long a message is looked at before it is answered; half of it before it is
            taken.
        busy: How many are being looked at now.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.read: list[str] = []
        self.refusals: deque[tuple[int, Any] | None] = deque()
        self.delay_s = 0.0
        self.busy = 0
        # Of voice messages, by their ids; where they are said to be, if that is elsewhere.
        self.recordings: dict[str, bytes] = {}
        self.elsewhere = ""
        self._lock = threading.Lock()
        super().__init__(QuietServer(FREE_PORT, self._handler()))

    def texts(self, phone: str = ALICE_PHONE) -> list[str]:
        """The texts that somebody got."""
        return [m["text"]["body"] for m in self.sent if m["to"] == phone and m["type"] == "text"]

    def wait_for(self, count: int, phone: str = ALICE_PHONE, limit_s: float = 60) -> list[str]:
        """Until somebody got so many texts; returns them."""
        wait_until(lambda: len(self.texts(phone)) >= count, limit_s, f"{count} messages")
        return self.texts(phone)

    def _take(self, body: dict[str, Any]) -> tuple[int, Any] | None:
        if body.get("status") == "read":
            self.read.append(body["message_id"])
            return 200, {"success": True}
        with self._looking():
            return self._look_at(body)

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        with self._lock:
            self.busy += 1
        time.sleep(self.delay_s / 2)
        yield
        time.sleep(self.delay_s / 2)
        with self._lock:
            self.busy -= 1

    def _look_at(self, body: dict[str, Any]) -> tuple[int, Any] | None:
        if self.refusals:
            refusal = self.refusals.popleft()
            if refusal is not None:
                return refusal
            self.sent.append(body)
            return None
        self.sent.append(body)
        answer = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": body["to"], "wa_id": body["to"]}],
            "messages": [{"id": f"wamid.{uuid.uuid4().hex}"}],
        }
        return 200, answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                *_, place, name = self.path.split("/")
                if name in api.recordings:
                    assert self.headers["Authorization"] == f"Bearer {TOKEN}"
                    data = api.recordings[name]
                    url = api.elsewhere or f"{api.url}/media/{name}"
                    about = {"url": url, "mime_type": "audio/ogg", "file_size": len(data)}
                    self._answer(200, data if place == "media" else about)
                    return
                known = self.path.startswith(f"/v26.0/{NUMBER_ID}?")
                self._answer(
                    200 if known else 404,
                    {"display_phone_number": "+1 555-078-3881", "id": NUMBER_ID},
                )

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == f"/v26.0/{NUMBER_ID}/messages"
                assert body["messaging_product"] == "whatsapp"
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self._answer(401, error(190))
                    return
                answer = api._take(body)
                if answer is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                else:
                    self._answer(*answer)

            def _answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode() if not isinstance(body, bytes) else body
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except ConnectionError:  # the other side was killed meanwhile
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def error(code: int, *, transient: bool = False) -> dict[str, Any]:
    """An error in the Graph API's form."""
    text = f"(#{code}) Something about +{ALICE_PHONE}"
    return {
        "error": {
            "message": text,
            "type": "OAuthException",
            "code": code,
            "is_transient": transient,
            "fbtrace_id": "AbCdEf",
        }
    }


def text_message(
    text: str, *, phone: str = ALICE_PHONE, identifier: str = "", sent_at: float | None = None
) -> dict[str, Any]:
    """One message as it is in a webhook."""
    return {
        "from": phone,
        "id": identifier or f"wamid.{uuid.uuid4().hex}",
        "timestamp": str(int(time.time() if sent_at is None else sent_at)),
        "type": "text",
        "text": {"body": text},
    }


def webhook(*messages: dict[str, Any], **value: Any) -> dict[str, Any]:
    """The body of a webhook."""
    inside = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Somebody"}, "wa_id": ALICE_PHONE}],
        "messages": list(messages),
        **value,
    }
    change = {"value": inside, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def sign(body: bytes, secret: str = SECRET) -> str:
    """The header that Meta sends along."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def post(url: str, body: Any, *, signature: str | None = None) -> requests.Response:
    """Send a webhook, signed unless a signature is given ("" for none)."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if signature != "":
        headers["X-Hub-Signature-256"] = sign(data) if signature is None else signature
    return requests.post(
        f"{url}/v1/webhooks/whatsapp", data=data, headers=headers, timeout=PATIENCE_S
    )
