"""The examples of the reference are what the running server gives."""

from __future__ import annotations

from typing import Any

import pytest

from pisovereign.accounts.key_routes import KeyRoutes
from pisovereign.accounts.people_routes import PeopleRoutes
from pisovereign.accounts.sign_in_routes import SignInRoutes
from tests.accounts.support import Browser, signed_in
from tests.docs.test_api_page import shape
from tests.support.server import Server

ENTRIES = {
    entry.name: entry
    for table in (SignInRoutes, PeopleRoutes, KeyRoutes)
    for entry in table.entries()
}
# What an authenticator has to answer is sent by tests/web/test_sign_in.py, from a browser.
SENT = [
    "GET /v1/session",
    "GET /v1/sessions",
    "POST /v1/sign-in-codes",
    "GET /v1/profile",
    "PATCH /v1/profile",
    "POST /v1/people",
    "GET /v1/people",
    "POST /v1/people/{id}/invitation",
    "PATCH /v1/people/{id}",
    "POST /v1/api-keys",
]


@pytest.fixture(scope="module")
def browser(server: Server) -> Browser:
    return signed_in(server.url)


def plain(data: Any) -> Any:
    """What there may be, or not yet, is left out."""
    match data:
        case dict():
            return {name: plain(value) for name, value in data.items() if value is not None}
        case list():
            return [plain(each) for each in data]
    return data


@pytest.mark.parametrize("name", SENT)
def test_an_example_is_what_the_server_gives(browser: Browser, name: str) -> None:
    entry = ENTRIES[name]
    path = entry.path
    if (entry.path.startswith("/v1/people") and entry.method != "POST") or "{id}" in path:
        invited = browser.request("POST", "/v1/people", json={"name": "Ben"}).json()
        path = path.replace("{id}", invited["person"]["id"])
    answer = browser.request(entry.method, path, json=entry.example.request)
    assert answer.status_code == entry.status, answer.text
    given, shown = answer.json(), entry.example.response
    if isinstance(given, list):
        # People of the configuration have less to show than those who were invited.
        given, shown = max(given, key=lambda each: len(plain(each))), shown[0]
    assert given.keys() == shown.keys()
    assert shape(plain(given)).keys() >= shape(plain(shown)).keys() - {"language", "time_zone"}
