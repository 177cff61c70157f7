"""Who is let in, and what is refused before the SDK sees it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import requests

from tests.metrics.scrape import series
from tests.support.patience import PATIENCE_S
from tests.support.server import DECIDER_KEY, Server

LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


def post(server: Server, body: Any = LISTING, **headers: str) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return server.request("POST", "/mcp", data=data, headers=JSON | headers)


def test_a_plain_post_is_answered_in_json(server: Server) -> None:
    answer = post(server)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert all(name in answer.headers for name in ("X-Request-Id", "X-RateLimit-Limit"))
    assert answer.json()["result"]["tools"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "pisovereign.local.evil.example", "10.1.2.3", "a b"]
)
def test_another_host_is_refused(server: Server, host: str) -> None:
    refused = post(server, Host=host)
    assert refused.status_code == 403
    assert "Host" in refused.json()["error"]["message"]


@pytest.mark.parametrize("name", ["localhost", "{name}.local", "[::1]", "127.0.0.1"])
def test_its_own_names_are_good(server: Server, name: str) -> None:
    own = name.format(name=socket.gethostname().partition(".")[0])
    assert post(server, Host=f"{own}:{server.port}").status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://"]
)
def test_another_origin_is_refused(server: Server, origin: str) -> None:
    assert post(server, Origin=origin).status_code == 403
    assert post(server, Origin=server.url).status_code == 200


def test_a_key_is_needed_and_has_to_have_the_scope(server: Server) -> None:
    missing = requests.post(f"{server.url}/mcp", json=LISTING, headers=JSON, timeout=PATIENCE_S)
    assert missing.status_code == 401
    assert missing.headers["WWW-Authenticate"] == "Bearer"
    assert server.request("POST", "/mcp", key=DECIDER_KEY, json=LISTING).status_code == 403


def test_only_post_is_there(server: Server) -> None:
    for method in ("GET", "DELETE", "PUT"):
        refused = server.request(method, "/mcp")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST, OPTIONS")


def test_what_is_too_large_is_refused_unread(server: Server) -> None:
    body = json.dumps({**LISTING, "params": {"x": "y" * (1 << 20)}}).encode()
    assert post(server, body).status_code == 413

    def pieces() -> Any:
        yield from (body[start : start + 65536] for start in range(0, len(body), 65536))

    chunked = server.request("POST", "/mcp", data=pieces(), headers=JSON)
    assert chunked.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b"1",
        b'{"jsonrpc":"2.0"}',
        b'{"id":' + b"9" * 5000,
    ],
)
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28", "1900-01-01"])
def test_nonsense_is_an_error_of_the_protocol(server: Server, body: bytes, version: str) -> None:
    refused = post(server, body, **{"MCP-Protocol-Version": version})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] < 0
    assert post(server).status_code == 200


def test_nothing_of_a_message_is_logged(server: Server) -> None:
    word = "Zwergplanet"
    post(server, {**LISTING, "method": word})
    post(server, {**LISTING, "params": {"cursor": {"a": word}}})
    call = {"name": "weather", "arguments": {"location": [word]}}
    post(server, {**LISTING, "method": "tools/call", "params": call})
    post(server, f'{{"jsonrpc": "{word}"}}'.encode())
    assert word not in server.log()


def test_requests_are_counted_like_all_others(server: Server) -> None:
    def refused() -> float:
        return series(server).get(("http_requests_total", (("status", "client_error"),)), 0)

    before = refused()
    post(server, Host="evil.example")
    assert refused() == before + 1
