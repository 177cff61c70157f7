"""Calendar and mail in a browser, with servers behind them: changes are approved there."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from tests.connectors.email.dovecot import USER
from tests.support.equipped import Equipped
from tests.web.pages import Pages, axe, fits

HOSTILE = "Invoice \u202egnp.exe"


def approve_what_waits(page: Page, *shown: str) -> None:
    """Look at what waits, and approve it."""
    page.locator(".notices").get_by_role("button", name="Look at it").click()
    dialog = page.get_by_role("dialog")
    for text in shown:
        expect(dialog).to_contain_text(text)
    axe(page)
    dialog.get_by_role("button", name="Approve").click()
    # What came of it stays to be read.
    expect(dialog).to_contain_text("Done")
    page.keyboard.press("Escape")
    expect(page.locator(".notices .notice")).to_have_count(0)


def test_an_event_is_made_and_deleted(equipped: Equipped, pages: Pages) -> None:
    page = pages.open(equipped.server.url, "/calendar", timezone_id="Europe/Berlin")
    main = page.locator("main")
    expect(main).to_contain_text("Nothing from this day on.")
    axe(page)
    main.get_by_role("button", name="New event").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What?").fill("Lunch with Ada")
    noon = dt.datetime.now().replace(hour=12, minute=0) + dt.timedelta(days=2)
    dialog.get_by_label("From").fill(f"{noon:%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="Save").click()
    approve_what_waits(page, "Lunch with Ada")
    event = main.get_by_role("listitem").filter(has_text="Lunch with Ada")
    expect(event).to_contain_text("12:00")
    axe(page)
    event.get_by_role("button", name="Delete: Lunch with Ada").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    approve_what_waits(page, "Lunch with Ada")
    expect(main).to_contain_text("Nothing from this day on.")


def test_a_mail_is_read_as_text_and_answered(equipped: Equipped, pages: Pages) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Eve <eve@example.org>", USER, HOSTILE
    message.set_content("<img src=x onerror=alert(1)>\nhttps://bank.example.evil.test")
    equipped.dovecot.put(message)
    page = pages.open(equipped.server.url, "/mail", device="phone")
    main = page.locator("main")
    item = main.get_by_role("listitem")
    expect(item).to_contain_text("eve@example.org")
    axe(page)
    fits(page)
    item.get_by_role("link").click()
    expect(main).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img").count() == 0
    assert "\u202e" not in main.inner_text()
    axe(page)
    fits(page)
    main.get_by_role("button", name="Answer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Text").fill("Please do not write to me.")
    dialog.get_by_role("button", name="Into the drafts").click()
    approve_what_waits(page, "Please do not write to me.", "eve@example.org")
