"""The rate limit, through API processes with limits of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server

HEADERS = {"Authorization": f"Bearer {ALICE_KEY}"}


@pytest.fixture(scope="module")
def limited(server: Server) -> Iterator[ApiProcess]:
    """One for all: each test comes from another address."""
    with ApiProcess(
        server,
        PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="5",
        PISOVEREIGN_SERVER__TRUSTED_PROXIES='["127.0.0.1"]',
        PISOVEREIGN_SECURITY__BLOCKED_NETWORKS='["203.0.113.0/24"]',
    ) as api:
        yield api


def get(api: ApiProcess, path: str = "/v1/conversations", **headers: str) -> requests.Response:
    return requests.get(api.url + path, headers=HEADERS | headers, timeout=PATIENCE_S)


def test_the_limit_its_headers_and_what_it_does_not_touch(limited: ApiProcess) -> None:
    for used in range(1, 6):
        response = get(limited)
        assert response.status_code == 200
        assert response.headers["X-RateLimit-Limit"] == "5"
        assert response.headers["X-RateLimit-Remaining"] == str(5 - used)
        assert 0 <= int(response.headers["X-RateLimit-Reset"]) - time.time() <= 61
    refused = get(limited)
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    error = refused.json()["error"]
    assert error["code"] == "RATE_LIMITED"
    assert str(error["retry_after"]) == refused.headers["Retry-After"]
    assert 1 <= error["retry_after"] <= 60
    assert error["message"].startswith("Too many requests. Please retry after")
    assert error["request_id"] == refused.headers["X-Request-Id"]

    # The limit comes before the key: guessing is limited too.
    guess = get(limited, Authorization="Bearer sk-wrong")
    assert guess.status_code == 429
    for path in ("/health", "/ready", "/ready/all"):
        exempt = get(limited, path)
        assert exempt.status_code == 200
        assert "X-RateLimit-Limit" not in exempt.headers

    # Another client behind the trusted proxy has a limit of its own ...
    assert get(limited, **{"X-Forwarded-For": "198.51.100.7"}).status_code == 200
    # ... and only the right side of the header names it.
    for i in range(4):
        forged = get(limited, **{"X-Forwarded-For": f"192.0.2.{i}, 198.51.100.7"})
        assert forged.status_code == 200
    assert get(limited, **{"X-Forwarded-For": "192.0.2.9, 198.51.100.7"}).status_code == 429


def test_keys_cannot_be_guessed_where_pieces_of_uploads_are_not_counted(
    limited: ApiProcess,
) -> None:
    def send(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": "198.51.100.108"}
        url = f"{limited.url}/v1/system/model-upload"
        return requests.post(url, data=b"x", headers=headers, timeout=PATIENCE_S).status_code

    assert {send(ADMIN_KEY) for _ in range(7)} == {422}
    assert [send(f"sk-wrong-{i}") for i in range(7)] == [401] * 5 + [429] * 2
    assert send(ADMIN_KEY) == 429


def test_rejections_by_size_are_counted_too(limited: ApiProcess) -> None:
    headers = HEADERS | {"Content-Type": "application/json", "X-Forwarded-For": "198.51.100.8"}
    body = b"x" * 2_000_000
    response = requests.post(
        f"{limited.url}/v1/chat", data=body, headers=headers, timeout=PATIENCE_S
    )
    assert response.status_code == 413
    assert response.headers["X-RateLimit-Remaining"] == "4"


def test_a_blocked_network_is_refused_before_anything_else(limited: ApiProcess) -> None:
    blocked = get(limited, **{"X-Forwarded-For": "203.0.113.5", "Authorization": "Bearer no"})
    assert blocked.status_code == 403
    assert blocked.json()["error"]["code"] == "FORBIDDEN"
    assert blocked.headers["X-Request-Id"]
