"""What a person's browser, and programs, do over HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

LIMIT_S = 300.0


class Client:
    """Speaks to one machine.

    Args:
        address: of its page.
        limit_s: how long it waits for an answer.
    """

    def __init__(self, address: str, limit_s: float = LIMIT_S) -> None:
        self._base, self._limit_s = address, limit_s
        self.headers: dict[str, str] = {"Content-Type": "application/json"}

    def patient(self, limit_s: float) -> Client:
        """Return the same client with another patience."""
        other = Client(self._base, limit_s)
        other.headers = dict(self.headers)
        return other

    def send(
        self, method: str, path: str, body: object = None, limit_s: float | None = None
    ) -> tuple[int, Any]:
        """Status and decoded body of a request; a refusal is an answer too.

        A body of bytes is sent as it is, any other as JSON.

        Raises:
            OSError: there was no answer.
        """
        with self._open(method, path, body, limit_s) as response:
            text = response.read().decode()
        return response.status, json.loads(text) if text.startswith(("{", "[")) else text

    def stream(self, path: str, body: object) -> Iterator[tuple[str, Any]]:
        """Yield the events of a stream.

        Raises:
            RuntimeError: it was refused.
        """
        with self._open("POST", path, body) as response:
            if response.status != 200:
                raise RuntimeError(f"{path}: {response.status} {response.read().decode()}")
            event = ""
            for raw in response:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    yield event, json.loads(value)

    def lines(self, path: str) -> list[Any]:
        """Return the objects of an answer that has one a line."""
        with self._open("GET", path, None) as response:
            if response.status != 200:
                raise RuntimeError(f"{path}: {response.status}")
            return [json.loads(line) for line in response]

    def wait(self, path: str, wanted: Callable[[int, Any], bool], limit_s: float) -> float:
        """Seconds until an answer is as wanted.

        Raises:
            TimeoutError: it never was.
        """
        began = time.monotonic()
        last: object = "no answer"
        while time.monotonic() - began < limit_s:
            try:
                last = self.send("GET", path, limit_s=10)
                if wanted(*last):
                    return time.monotonic() - began
            except OSError as error:
                last = error
            time.sleep(0.5)
        raise TimeoutError(f"{path} within {limit_s:g} s: {last}")

    def _open(self, method: str, path: str, body: object, limit_s: float | None = None) -> Any:
        data, headers = None, self.headers
        if isinstance(body, bytes):
            data, headers = body, headers | {"Content-Type": "application/octet-stream"}
        elif body is not None:
            data = json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, headers, method=method)
        try:
            return urllib.request.urlopen(request, timeout=limit_s or self._limit_s)
        except urllib.error.HTTPError as error:
            return error


def set_up(client: Client, code: str) -> str:
    """Go through the set-up page's requests; returns the new key, which the client then uses."""
    session = _done(client.send("POST", "/setup/claim", {"code": code}))["session"]
    client.headers["X-Setup-Session"] = session
    state = _done(client.send("GET", "/setup/state"))
    (model,) = (m["id"] for m in state["models"] if m["id"] == "smollm2-135m-instruct")
    wishes = {"name": "Ada", "time_zone": "Europe/Berlin", "language": "en", "model": model}
    key = str(_done(client.send("POST", "/setup/key", wishes))["api_key"])
    client.headers["Authorization"] = f"Bearer {key}"
    _done(client.send("POST", "/setup/finish", {}))
    del client.headers["X-Setup-Session"]
    return key


def chat(client: Client, message: str, tokens: int = 24) -> tuple[str, int]:
    """Return a streamed answer, and in how many pieces it came."""
    body = {"message": message, "max_tokens": tokens}
    events = list(client.stream("/v1/chat/stream", body))
    if errors := [data for name, data in events if name == "error"]:
        raise RuntimeError(f"the stream ended with {errors[0]}")
    pieces = [data["delta"] for name, data in events if name == "message"]
    return "".join(pieces), len(pieces)


def remember(client: Client, text: str) -> str:
    """Store a memory; returns its id once it is acknowledged."""
    return str(
        _done(client.send("POST", "/v1/memories", {"content": text, "summary": text[:80]}))["id"]
    )


def _done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    if status >= 300:
        raise RuntimeError(f"{status}: {body}")
    return body
