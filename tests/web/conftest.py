"""Fixtures of the page: a browser, and pages in it that fail where something in them does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server
from tests.web.pages import Pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    """Opens pages: `pages.open(server.url, "/memories", device="phone", language="de")`."""
    opened = Pages(browser)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _nothing_waits(request: pytest.FixtureRequest) -> None:
    """Nothing that other tests left waits for anybody: notices of it stand on every view."""
    servers: list[Server] = []
    if "server" in request.fixturenames:
        servers.append(request.getfixturevalue("server"))
    if "equipped" in request.fixturenames:
        around: Equipped = request.getfixturevalue("equipped")
        servers.append(around.server)
    for server in servers:
        for key in (ADMIN_KEY, ALICE_KEY):
            deny_all(server, key)
            finish_all(server, key)


def deny_all(server: Server, key: str) -> None:
    """Deny every approval that waits."""
    waiting = server.request("GET", "/v1/approvals?status=pending&limit=500", key=key).json()
    for approval in waiting:
        server.request("POST", f"/v1/approvals/{approval['id']}/deny", key=key, json={})


def finish_all(server: Server, key: str) -> None:
    """Mark every reminder that is due as done."""
    due = server.request("GET", "/v1/reminders?status=due&limit=500", key=key).json()
    for reminder in due:
        server.request("POST", f"/v1/reminders/{reminder['id']}/done", key=key, json={})
