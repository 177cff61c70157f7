"""What somebody has written is not lost by a slip, nor by a program that is away."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.server import ADMIN_KEY, Server
from tests.web.pages import Pages, axe, sign_in


def test_what_was_written_in_a_dialog(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/memories")
    page.get_by_role("button", name="Add").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("What to remember")
    field.fill("The piano is tuned in May")
    # Text is selected with the mouse, which is let go beside the dialog; then beside it is pressed.
    field.hover()
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()
    page.mouse.click(5, 5)
    page.keyboard.press("Escape")
    expect(dialog).to_contain_text("What you wrote here would be lost.")
    axe(page)
    dialog.get_by_role("button", name="Keep writing").click()
    expect(field).to_have_value("The piano is tuned in May")
    dialog.get_by_role("button", name="Close").click()
    dialog.get_by_role("button", name="Throw it away").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Import").click()
    # Who chooses no file is still in the dialog.
    dialog.get_by_label("File").dispatch_event("cancel", {"bubbles": True})
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).to_have_count(0)


def test_what_was_said_while_the_program_was_away(server: Server, pages: Pages) -> None:
    pages.expected += ["ERR_", "Failed to load"]
    page = pages.open(server.url, device="phone")
    page.route("**/v1/chat/stream", lambda route: route.abort())
    page.get_by_label("Message", exact=True).fill("What rhymes with orange?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.assistant.reconnecting")).to_be_visible()
    page.reload()
    if page.locator("input[name=key]").or_(page.locator("#main h1")).first.get_attribute("name"):
        sign_in(page, ADMIN_KEY)
    expect(page.get_by_label("Message", exact=True)).to_have_value("What rhymes with orange?")
    page.unroute("**/v1/chat/stream")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.user")).to_have_count(1)
    page.locator(".message.assistant:is(.writing, .done)").wait_for()
    page.reload()
    expect(page.locator(".message.user")).to_have_count(1)
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
