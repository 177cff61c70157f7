"""Documents through the running program; each test has names and words of its own."""

from __future__ import annotations

from typing import Any

from tests.support.server import ALICE_KEY, Server, wait_until

READ_LIMIT_S = 240.0


def upload(server: Server, name: str, data: bytes, *, key: str = ALICE_KEY) -> dict[str, Any]:
    """Send a file; returns the document."""
    response = server.request(
        "POST",
        "/v1/documents",
        key=key,
        params={"name": name},
        data=data,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert response.status_code in (200, 201), response.text
    document: dict[str, Any] = response.json()
    return document


def show(server: Server, document: str, *, key: str = ALICE_KEY) -> dict[str, Any]:
    """Return a document as it is now."""
    response = server.request("GET", f"/v1/documents/{document}", key=key)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def read(server: Server, name: str, data: bytes, *, key: str = ALICE_KEY) -> dict[str, Any]:
    """Send a file and wait until it is read; returns the document."""
    document = upload(server, name, data, key=key)
    wait_until(
        lambda: show(server, document["id"], key=key)["state"] in ("ready", "failed"),
        READ_LIMIT_S,
        "the document is read",
    )
    return show(server, document["id"], key=key)


def search(server: Server, q: str, *, key: str = ALICE_KEY, **query: Any) -> list[dict[str, Any]]:
    """Search; returns the passages, the best first."""
    response = server.request("GET", "/v1/documents/search", key=key, params={"q": q, **query})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found
