"""Over TLS the cookie is another one, which nothing without TLS can set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.accounts.support import COOKIE, Browser, signed_in
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, Server

SECURE = f"__Host-{COOKIE}"
BY_TLS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def behind(server: Server) -> Iterator[ApiProcess]:
    """Behind a proxy that ends TLS."""
    with ApiProcess(server, PISOVEREIGN_SERVER__TRUSTED_PROXIES='["127.0.0.1"]') as api:
        yield api


def test_the_cookie_of_tls_belongs_to_tls(behind: ApiProcess) -> None:
    origin = behind.url.replace("http:", "https:")
    answer = requests.post(
        f"{behind.url}/v1/sign-in",
        json={"key": ADMIN_KEY},
        headers={"Origin": origin, **BY_TLS},
        timeout=PATIENCE_S,
    )
    assert answer.status_code == 201
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{SECURE}=")
    assert "Secure" in cookie
    token = cookie.partition("=")[2].partition(";")[0]

    def ask(name: str, **headers: str) -> int:
        sent = {"Cookie": f"{name}={token}", **headers}
        return requests.get(
            f"{behind.url}/v1/session", headers=sent, timeout=PATIENCE_S
        ).status_code

    assert ask(SECURE, **BY_TLS) == 200
    # What somebody put into the browser over plain HTTP is not looked at, and the other way round.
    assert ask(COOKIE, **BY_TLS) == 401
    assert ask(SECURE) == 401


def test_only_a_proxy_that_is_trusted_speaks_of_tls(server: Server) -> None:
    answer = Browser(server.url).request(
        "POST", "/v1/sign-in", json={"key": ADMIN_KEY}, headers=BY_TLS
    )
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")


def test_a_page_without_tls_asks_nothing_of_one_with_it(behind: ApiProcess) -> None:
    browser = signed_in(behind.url)
    cookie = f"{SECURE}={browser.token}"
    headers = {**BY_TLS, "Cookie": cookie, "Origin": behind.url}
    answer = requests.delete(f"{behind.url}/v1/sessions", headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 403
