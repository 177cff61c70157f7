"""Telegram's side on the loopback: the Bot API, as far as the program speaks it.

Updates are handed out until a question with a higher offset confirms them; one question waits at a
time, and an earlier one ends with 409; with a webhook set there is only 409.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from tests.support.loopback import FREE_PORT, Loopback, QuietServer
from tests.support.server import wait_until

TOKEN = "7654321:AAF-test-token-that-nobody-may-see_x1"
BOT = "our_house_bot"
ALICE_ACCOUNT, BOB_ACCOUNT, STRANGER = 1001, 1002, 6666
_PATH = re.compile(r"/(?:file/)?bot([^/]+)/(.+)")
_METHODS = frozenset(
    (
        "getMe",
        "getWebhookInfo",
        "getUpdates",
        "sendMessage",
        "editMessageText",
        "answerCallbackQuery",
        "getFile",
        "sendChatAction",
    )
)


def settings(url: str, **more: str) -> dict[str, str]:
    """The variables that make a server use this side."""
    return {
        "PISOVEREIGN_TELEGRAM__BOT_TOKEN": TOKEN,
        "PISOVEREIGN_TELEGRAM__API_URL": url,
        "PISOVEREIGN_TELEGRAM__POLL_S": "2",
        **more,
    }


class Answer(NamedTuple):
    """What a call is answered with; a status of 0 closes the connection without a word."""

    status: int
    description: str = ""
    retry_after: int = 0
    taken: bool = False
    """Whether the message was taken all the same."""
    body: bytes = b""
    """In the place of the API's own form."""


class TelegramApi(Loopback):
    """Answers as the Bot API does.

    Attributes:
        sent: The bodies of all messages that were taken, in order, with their `message_id`.
        edited: The bodies of all changes of messages.
        notes: What was shown after presses, by the id of the press.
        webhook: An address that another program has set; empty: none.
        answers: What the next calls of a method are answered with instead.
        delay_s: How long a message is looked at before it is answered; half of it before it is
            taken.
        busy: How many are being looked at now.
        calls: How often each method was called.
        ended: How many questions for updates were ended by another one.
        files: What files hold, by their ids.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.edited: list[dict[str, Any]] = []
        self.notes: dict[str, str] = {}
        self.webhook = ""
        self.answers: dict[str, deque[Answer]] = {}
        self.delay_s = 0.0
        self.busy = 0
        self.calls: Counter[str] = Counter()
        self.ended = 0
        self.files: dict[str, bytes] = {}
        self._updates: list[dict[str, Any]] = []
        self._number = 500
        self._message = 0
        self._turn = 0
        self._changed = threading.Condition()
        super().__init__(QuietServer(FREE_PORT, self._handler()))

    def clear(self) -> None:
        """Nothing was sent yet, and nothing is wrong."""
        self.sent.clear()
        self.edited.clear()
        self.notes.clear()
        self.answers.clear()
        self.webhook = ""
        self.delay_s = 0.0

    def fail(self, method: str, *answers: Answer) -> None:
        """Let the next calls of a method be answered so."""
        self.answers.setdefault(method, deque()).extend(answers)

    def write(self, text: str, account: int = ALICE_ACCOUNT, **more: Any) -> int:
        """Somebody writes to the bot; returns the number of the update."""
        message = {
            "message_id": self._next_message(),
            "from": {"id": account, "is_bot": False, "first_name": "Somebody"},
            "chat": {"id": account, "type": "private"},
            "date": int(time.time()),
            "text": text,
            **more,
        }
        return self.happen({"message": {k: v for k, v in message.items() if v is not None}})

    def press(
        self, data: str, account: int = ALICE_ACCOUNT, message: int = 1, chat: int | None = None
    ) -> str:
        """Somebody presses a button; returns the id of the press."""
        press = f"press-{self._next_message()}"
        query = {
            "id": press,
            "from": {"id": account, "is_bot": False, "first_name": "Somebody"},
            "message": {
                "message_id": message,
                "chat": {"id": account if chat is None else chat, "type": "private"},
                "date": int(time.time()),
            },
            "data": data,
        }
        self.happen({"callback_query": query})
        return press

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hand out nothing meanwhile: what happens is handed out at once afterwards."""
        with self._changed:
            yield

    def happen(self, update: dict[str, Any], number: int | None = None) -> int:
        """Anything happens; returns the number of the update."""
        with self._changed:
            if number is None:
                self._number += 1
                number = self._number
            self._updates.append({"update_id": number, **update})
            self._changed.notify_all()
            return number

    def last_number(self) -> int:
        """The number of the newest update."""
        return self._number

    def begin_anew(self, number: int) -> None:
        """Let numbers go on after this one, as after a week without updates."""
        with self._changed:
            self._number = number

    def texts(self, account: int = ALICE_ACCOUNT) -> list[str]:
        """The texts that somebody got."""
        return [message["text"] for message in self.sent if message["chat_id"] == account]

    def wait_for(self, count: int, account: int = ALICE_ACCOUNT, limit_s: float = 60) -> list[str]:
        """Until somebody got so many texts; returns them."""
        wait_until(lambda: len(self.texts(account)) >= count, limit_s, f"{count} messages")
        return self.texts(account)

    def confirmed(self, number: int) -> bool:
        """Whether an update was confirmed."""
        with self._changed:
            return all(update["update_id"] > number for update in self._updates)

    def wait_confirmed(self, number: int, limit_s: float = 60) -> None:
        """Until an update was confirmed: it was stored, or ignored."""
        wait_until(lambda: self.confirmed(number), limit_s, f"update {number} confirmed")

    def buttons(self, account: int = ALICE_ACCOUNT) -> list[tuple[int, str, str]]:
        """The buttons that somebody was shown: message, what it says, and what it carries."""
        return [
            (message["message_id"], button["text"], button["callback_data"])
            for message in self.sent
            if message["chat_id"] == account and "reply_markup" in message
            for row in message["reply_markup"]["inline_keyboard"]
            for button in row
        ]

    def _next_message(self) -> int:
        with self._changed:
            self._message += 1
            return self._message

    def _wait_for_updates(self, body: dict[str, Any]) -> Any:
        if self.webhook:
            return Answer(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteW"
            )
        until = time.monotonic() + body.get("timeout", 0)
        with self._changed:
            self._turn += 1
            turn = self._turn
            self._changed.notify_all()
            offset = body.get("offset")
            if offset is not None:
                self._updates = [u for u in self._updates if u["update_id"] >= offset]
            while True:
                if turn != self._turn:
                    self.ended += 1
                    return Answer(
                        409, "Conflict: terminated by other getUpdates request; make sure that "
                    )
                left = until - time.monotonic()
                if self._updates or left <= 0:
                    return self._updates[: body.get("limit", 100)]
                self._changed.wait(left)

    def _send(self, body: dict[str, Any]) -> Any:
        if refused := _refused_text(body):
            return refused
        time.sleep(self.delay_s / 2)
        planned = self._planned("sendMessage")
        if planned is None or planned.taken:
            body["message_id"] = self._next_message()
            self.sent.append(body)
        time.sleep(self.delay_s / 2)
        return planned or {"message_id": body["message_id"]}

    def _planned(self, method: str) -> Answer | None:
        waiting = self.answers.get(method)
        return waiting.popleft() if waiting else None

    def _call(self, method: str, body: dict[str, Any]) -> Any:
        self.calls[method] += 1
        if method == "sendMessage":
            with self._changed:
                self.busy += 1
            try:
                return self._send(body)
            finally:
                with self._changed:
                    self.busy -= 1
        if planned := self._planned(method):
            return planned
        match method:
            case "getMe":
                return {"id": 7654321, "is_bot": True, "first_name": "House", "username": BOT}
            case "getWebhookInfo":
                return {"url": self.webhook, "pending_update_count": 0}
            case "getUpdates":
                return self._wait_for_updates(body)
            case "editMessageText":
                if refused := _refused_text(body):
                    return refused
                self.edited.append(body)
                return {"message_id": body["message_id"]}
            case "answerCallbackQuery":
                if len(body["text"]) > 200:
                    return Answer(400, "Bad Request: MESSAGE_TOO_LONG")
                self.notes[body["callback_query_id"]] = body["text"]
                return True
            case "getFile":
                return {"file_id": body["file_id"], "file_path": f"voice/{body['file_id']}.oga"}
            case _:
                return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                match = _PATH.fullmatch(self.path)
                if match is None or match[1] != TOKEN or not self.path.startswith("/file/"):
                    self._write(404, b"Not Found")
                    return
                name = match[2].rpartition("/")[2].partition(".")[0]
                data = api.files.get(name)
                self._write(404 if data is None else 200, data or b"Not Found")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                match = _PATH.fullmatch(self.path)
                if match is None or match[2] not in _METHODS:
                    self._answer(Answer(404, "Not Found"))
                elif match[1] != TOKEN:
                    self._answer(Answer(401, "Unauthorized"))
                else:
                    self._answer(api._call(match[2], body))

            def _answer(self, answer: Any) -> None:
                if not isinstance(answer, Answer):
                    self._write(200, json.dumps({"ok": True, "result": answer}).encode())
                    return
                if answer.status == 0:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                said = {
                    "ok": False,
                    "error_code": answer.status,
                    "description": answer.description,
                }
                if answer.retry_after:
                    said["parameters"] = {"retry_after": answer.retry_after}
                self._write(answer.status, answer.body or json.dumps(said).encode())

            def _write(self, status: int, data: bytes) -> None:
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


def _refused_text(body: dict[str, Any]) -> Answer | None:
    text = body["text"]
    if not text.strip():
        return Answer(400, "Bad Request: message text is empty")
    if len(text) + sum(character > "\uffff" for character in text) > 4096:
        return Answer(400, "Bad Request: message is too long")
    for row in body.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                return Answer(400, "Bad Request: BUTTON_DATA_INVALID")
    return None
