"""Both pages in a real browser, from this server alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, Request

from tests.support.browser import browser_page
from tests.support.patience import PATIENCE_MS, PATIENCE_S
from tests.support.server import ALICE_KEY, Server

# Of 150 rows and more, Swagger UI keeps only those near the window in the page.
SCROLL_TO = """id => {
  if (document.getElementById(id)) return true;
  const atEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
  scrollTo(0, atEnd ? 0 : scrollY + innerHeight / 2);
  return false;
}"""


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    with browser_page() as page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", note)
        yield page
    own = (server.url, "data:", "blob:")
    # What the policy forbids never leaves the browser.
    foreign = [each.url for each in asked if not each.url.startswith(own) and each.failure != "csp"]
    assert foreign == []


def test_swagger_ui_authorizes_and_chats(server: Server, page: Page) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{server.url}/swagger-ui/")
    page.click("button.authorize")
    page.fill(".auth-container input", ALICE_KEY)
    page.click(".auth-btn-wrapper button.authorize")
    page.click(".auth-btn-wrapper button.btn-done")
    page.wait_for_function(SCROLL_TO, arg="operations-Chat-chat", polling=100)
    chat = page.locator("#operations-Chat-chat")
    chat.locator(".opblock-summary").click()
    chat.locator(".try-out__btn").click()
    chat.locator("textarea.body-param__text").fill('{"message": "Hello", "max_tokens": 8}')
    chat.locator("button.execute").click()
    status = chat.locator(".live-responses-table .response-col_status").last
    status.wait_for()
    assert status.inner_text().startswith("200")
    assert '"role": "assistant"' in chat.locator(".live-responses-table").inner_text()
    assert failures == []


def test_redoc_shows_the_routes(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/redoc/")
    page.locator("h2", has_text="Send chat message").first.wait_for()
    assert page.locator("h2", has_text="Search memories by semantic similarity").count() == 1


def test_only_what_belongs_to_the_pages_is_public(server: Server) -> None:
    for path in ("/swagger-ui/swagger-ui.css", "/redoc/redoc.standalone.js"):
        assert requests.get(server.url + path, timeout=PATIENCE_S).status_code == 200
    for path in ("/swagger-ui/index.html", "/swagger-ui/..%2Fdocument.py", "/redoc/LICENSE"):
        assert requests.get(server.url + path, timeout=PATIENCE_S).status_code == 401
        assert server.request("GET", path).status_code == 404


def test_the_pages_may_load_nothing_from_elsewhere(server: Server) -> None:
    policy = requests.get(f"{server.url}/redoc", timeout=PATIENCE_S).headers[
        "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
