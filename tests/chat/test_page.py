"""The page for people, in a real browser: what the model calls is shown between the messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.chat.test_tools import DENTIST, KEEP, TITLE, acting, script
from tests.support.api_process import ApiProcess
from tests.support.browser import browser_page
from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls
from tests.support.server import ALICE_KEY

__all__ = ["acting"]
PATIENCE_MS = 60_000
TAG = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(acting: ApiProcess) -> Iterator[Page]:
    """The page, opened with a key."""
    failures: list[str] = []
    with browser_page() as page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(acting.url)
        page.fill("#key-input", ALICE_KEY)
        page.press("#key-input", "Enter")
        yield page
    assert failures == []


def test_calls_are_shown_with_what_came_of_them(
    equipped: Equipped, acting: ApiProcess, page: Page
) -> None:
    script(
        equipped,
        Calls(("weather", {"location": "Berlin"}), (TAG, {})),
        Calls(("create_reminder", DENTIST), text="Let me see."),
        "It is dry.",
    )
    page.fill("#message-input", KEEP)
    page.press("#message-input", "Enter")
    page.locator("#messages[aria-busy=false] li.assistant", has_text="It is dry.").wait_for()
    assert page.locator("#messages li.tool").all_inner_texts() == [
        "weather: looked up",
        f"{TAG}: failed",
        f"create_reminder: waits for your approval – {TITLE}",
    ]
    shown = page.locator("#messages li").all()
    assert [item.get_attribute("class") for item in shown] == [
        "user",
        "tool",
        "tool",
        "tool",
        "assistant",
    ]
    answer = shown[-1].inner_text()
    assert answer.startswith("Let me see.\n\nIt is dry.\n\nThis needs an approval until")
    assert page.locator("#messages img").count() == 0
    for asked in acting.request("GET", "/v1/approvals?status=pending").json():
        acting.request("POST", f"/v1/approvals/{asked['id']}/deny", json={})
