"""The address for calendar programs, made and removed on the page."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from tests.support.server import Server
from tests.web.pages import Pages, axe, fits


def test_an_address_is_made_shown_once_and_removed(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/calendar", device="phone")
    page.get_by_role("button", name="Make an address").click()
    dialog = page.get_by_role("dialog")
    url = dialog.locator("code").inner_text()
    axe(page)
    assert requests.get(url, timeout=60).headers["Content-Type"].startswith("text/calendar")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    fits(page)
    axe(page)
    page.get_by_role("button", name="Remove the address").click()
    dialog.get_by_role("button", name="Remove the address").click()
    expect(page.get_by_role("button", name="Make an address")).to_be_visible()
    assert requests.get(url, timeout=60).status_code == 404
