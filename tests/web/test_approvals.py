"""Approvals in the page: what is shown is all that is done, whoever tries to hide some of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import expect

from tests.approvals.conftest import Approvals, approvals, catalog
from tests.mcp.test_client import use
from tests.support.server import AGENT_KEY
from tests.web.pages import Pages, axe, fits

__all__ = ["approvals", "catalog"]

AT = "2099-12-24T17:00:00Z"


def test_an_approval_cannot_hide_its_end(approvals: Approvals, pages: Pages) -> None:
    items = ["<img src=x onerror=alert(1)>", "x" * 190, "milk", "a\u202eb", "PS: burn the house"]
    with ThreadPoolExecutor(1) as other:  # the browser's loop runs in this thread
        asked = other.submit(use, approvals.server, "add_to_list", {"items": items}, key=AGENT_KEY)
        assert not asked.result().is_error
    page = pages.open(approvals.server.url, "/approvals", device="phone")
    card = page.get_by_role("article")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("PS: burn the house")
    expect(card).to_contain_text("<img src=x onerror=alert(1)>")
    expect(card.locator("img")).to_have_count(0)
    assert "\u202e" not in card.inner_text()
    fits(page)
    axe(page)


def test_a_long_text_is_counted_and_opens(approvals: Approvals, pages: Pages) -> None:
    long = "y" * 900 + " and then the end"
    approvals.ask(f"echo '{long}'")
    page = pages.open(approvals.server.url, "/approvals")
    card = page.get_by_role("article")
    line = card.locator(".approval-line").filter(has_text="Command")
    expect(line).to_contain_text("and then the end")
    expect(line).to_contain_text("more characters")
    line.get_by_role("button", name="Show all (924 characters").click()
    expect(line.get_by_role("group")).to_have_text(f"echo '{long}'")


def test_deciding(approvals: Approvals, pages: Pages) -> None:
    approvals.ask("echo done by hand")
    denied = approvals.ask("echo never")
    page = pages.open(approvals.server.url, "/approvals", language="de", dark=True)
    axe(page)
    card = page.get_by_role("article").filter(has_text="echo done by hand")
    card.get_by_role("button", name="Genehmigen").click()
    expect(card.get_by_role("status")).to_contain_text("Erledigt")
    expect(card).to_contain_text("done by hand\n")
    card = page.get_by_role("article").filter(has_text="echo never")
    card.get_by_role("button", name="Ablehnen").press("Enter")
    page.get_by_label("Warum").fill("Heute nicht")
    page.get_by_role("dialog").get_by_role("button", name="Ablehnen").press("Enter")
    expect(card.get_by_role("status")).to_contain_text("Heute nicht")
    assert approvals.get(denied)["reason"] == "Heute nicht"
    page.get_by_role("button", name="Neu laden").click()
    expect(page.get_by_role("article")).to_have_count(0)
    axe(page)
