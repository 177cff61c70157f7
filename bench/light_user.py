"""Somebody who uses the program as people do, while others ask too much of it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

KINDS = ("read", "write", "chat")
_LIMIT_S = 60.0
_PAUSES_S = {"read": 0.15, "write": 0.15, "chat": 1.0}


class LightUser:
    """Reads, writes and chats, each in a thread, one after the other with pauses.

    Args:
        port: Of the API.
        key: Theirs.
        items: The path of the items of a list of theirs.
    """

    def __init__(self, port: int, key: str, items: str) -> None:
        self._port, self._key, self._items = port, key, items
        self._stopped = threading.Event()
        self._numbers = 0
        self.ends: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
        self.failures: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self._threads = [threading.Thread(target=self._run, args=(kind,)) for kind in KINDS]

    def __enter__(self) -> LightUser:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self, kind: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_LIMIT_S)
        ask: Callable[[http.client.HTTPConnection], int] = {
            "read": lambda c: self._ask(c, "GET", "/v1/memories?limit=20", None),
            "write": self._write,
            "chat": self._chat,
        }[kind]
        while not self._stopped.wait(_PAUSES_S[kind]):
            began = time.monotonic()
            try:
                status = ask(connection)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.failures[kind][type(error).__name__] += 1
                continue
            if status == 200:
                self.ends[kind].append((began, time.monotonic() - began))
            else:
                self.failures[kind][str(status)] += 1

    def _write(self, connection: http.client.HTTPConnection) -> int:
        self._numbers += 1
        # The same few again and again: a list is not to grow while it is timed.
        return self._ask(connection, "POST", self._items, {"items": [f"Item {self._numbers % 20}"]})

    def _chat(self, connection: http.client.HTTPConnection) -> int:
        body = {"message": "Hello there", "max_tokens": 8, "temperature": 0.0}
        return self._ask(connection, "POST", "/v1/chat", body)

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Any
    ) -> int:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        response.read()
        return response.status
