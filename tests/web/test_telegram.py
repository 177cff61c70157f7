"""Linking a Telegram account on the page, and trying a message."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, ALICE_KEY
from tests.web.pages import Pages, axe, fits


def test_an_account_is_linked_and_tried_on_a_phone(equipped: Equipped, pages: Pages) -> None:
    equipped.clear()
    page = pages.open(equipped.server.url, "/settings", device="phone", key=ADMIN_KEY)
    page.get_by_role("button", name="Link Telegram").click()
    expect(page.get_by_role("img", name="QR code that opens the bot on Telegram")).to_be_visible()
    opens = page.get_by_role("link", name="Open @our_house_bot on Telegram")
    address = opens.get_attribute("href") or ""
    assert address.startswith("https://t.me/our_house_bot?start=")
    axe(page)
    fits(page)
    equipped.telegram.write(f"/start {address.partition('start=')[2]}", first_name="Ada")
    expect(page.get_by_text("Telegram is linked.")).to_be_visible()
    expect(page.get_by_role("button", name="Unlink")).to_be_visible()
    card = page.locator("section.card").filter(
        has=page.get_by_role("heading", name="Try a message", exact=True)
    )
    card.get_by_label("Way").select_option("telegram")
    card.get_by_role("button", name="Send me a test message").click()
    expect(card.get_by_role("status")).to_have_text("It was sent.")
    # That the account is linked may be told later.
    assert any(text.startswith("This is a test.") for text in equipped.telegram.texts())
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("button", name="Link Telegram")).to_be_visible()
    account = equipped.server.request("GET", "/v1/telegram/account", key=ALICE_KEY).json()
    assert not account["linked"]
