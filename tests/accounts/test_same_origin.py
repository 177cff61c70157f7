"""What is asked for with a cookie has to come from our own page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.accounts.support import COOKIE, Browser, signed_in
from tests.support.server import ADMIN_KEY, Server

NEIGHBOR = "http://127.0.0.1:9"  # another port of the same host: the same site to a browser


@pytest.fixture(scope="module")
def browser(server: Server) -> Browser:
    return signed_in(server.url)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": NEIGHBOR},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_another_page_changes_nothing(
    browser: Browser, method: str, headers: dict[str, Any]
) -> None:
    paths = {"POST": "/v1/lists", "PATCH": "/v1/profile", "DELETE": "/v1/sessions"}
    answer = browser.request(method, paths[method], json={"name": "Stolen"}, headers=headers)
    assert answer.status_code == 403


def test_a_request_for_another_host_is_refused(browser: Browser) -> None:
    cookie = f"{COOKIE}={browser.token}"
    for method in ("GET", "DELETE"):
        answer = browser.request(
            method, "/v1/sessions", headers={"Host": "evil.example", "Cookie": cookie}
        )
        assert answer.status_code == 403


def test_another_scheme_is_another_origin(browser: Browser) -> None:
    secure = browser.url.replace("http:", "https:")
    answer = browser.request("POST", "/v1/sign-in-codes", headers={"Origin": secure})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_could_send_is_refused(browser: Browser, kind: str) -> None:
    answer = browser.request(
        "POST", "/v1/lists", data=b'{"name": "Form"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_another_page_reads_nothing(browser: Browser, site: str) -> None:
    answer = browser.request("GET", "/v1/session", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert browser.request("GET", "/v1/session", headers={"Origin": NEIGHBOR}).status_code == 403


def test_our_own_page_and_an_address_that_is_typed_are_served(browser: Browser) -> None:
    for site in ("same-origin", "none"):
        answer = browser.request("GET", "/v1/session", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    made = browser.request("POST", "/v1/sign-in-codes", headers={"Sec-Fetch-Site": "same-origin"})
    assert made.status_code == 201


def test_nobody_is_signed_in_by_another_page(server: Server) -> None:
    elsewhere = Browser(server.url, origin=NEIGHBOR)
    answer = elsewhere.request("POST", "/v1/sign-in", json={"key": ADMIN_KEY})
    assert answer.status_code == 403
    assert elsewhere.token is None


def test_a_key_in_a_header_needs_no_origin(server: Server) -> None:
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert server.request("GET", "/v1/session", headers=headers).status_code == 200
