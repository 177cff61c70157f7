"""Memories through the running program; each test has a user of its own."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.server import ALICE_KEY, Server


def remember(
    server: Server, content: str, *, key: str = ALICE_KEY, **fields: Any
) -> dict[str, Any]:
    """Store a memory; returns it."""
    body = {"content": content, "summary": content[:100], **fields}
    response = server.request("POST", "/v1/memories", key=key, json=body)
    assert response.status_code == 201, response.text
    memory: dict[str, Any] = response.json()
    return memory


def search(server: Server, q: str, *, key: str = ALICE_KEY, **query: Any) -> list[dict[str, Any]]:
    """Search; returns what was found, the best first."""
    response = server.request("GET", "/v1/memories/search", key=key, params={"q": q, **query})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def forget_all(server: Server, key: str = ALICE_KEY) -> requests.Response:
    """Delete every memory of a user."""
    return server.request("DELETE", "/v1/memories?confirm=all", key=key)


class Elsewhere:
    """The same installation, asked through another process."""

    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self._url = url

    def __enter__(self) -> Server:
        self._kept, self._server.url = self._server.url, self._url
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.url = self._kept
