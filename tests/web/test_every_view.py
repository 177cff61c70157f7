"""Every view, in all its forms: nobody is kept out by a device, a scheme, a zoom or a language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import ADMIN_KEY, Server
from tests.web.pages import SIZES, Device, Pages, axe, fits, go

BUILD = Path(__file__).parents[2] / "pisovereign" / "web" / "dist" / "build.json"
PATHS: list[str] = json.loads(BUILD.read_text("utf-8"))["views"]
# What a window of 1280 by 800 shows at 200 %.
ZOOMED = {"width": 640, "height": 400}
# Names of texts that were not found are shown as they are: `table.key`.
UNTRANSLATED = """() => [...document.querySelectorAll("main, nav")]
    .flatMap((part) => part.innerText.match(/\\b[a-z_]+\\.[a-z]+_[a-z_]+\\b/g) ?? [])"""
# Buttons, fields and links that are cut off, or that nobody would hit with a finger.
SMALL = """() => [...document.querySelectorAll("main :is(button, select, input, textarea)")]
    .filter((e) => e.offsetParent && !["checkbox", "radio", "range", "file"].includes(e.type)
        && e.getBoundingClientRect().height < 43.5)
    .map((e) => e.outerHTML.slice(0, 200))"""
CUT = """() => [...document.querySelectorAll("main :is(button, h1, h2, h3, label, .badge)"),
        ...document.querySelectorAll(".bottom-bar span")]
    .filter((e) => e.offsetParent && !e.classList.contains("visually-hidden")
        && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible")
    .map((e) => e.outerHTML.slice(0, 200))"""
REACHED = """() => {
    const at = document.activeElement;
    const main = document.querySelector("main");
    return at && main?.contains(at) && at.matches("button, a, input, select, textarea, summary")
        ? at.outerHTML.slice(0, 200) : "";
}"""


def settle(page: Page) -> None:
    """Wait until a view has what it shows."""
    expect(page.locator("main h1")).to_have_count(1)
    expect(page.locator("main .loading")).to_have_count(0)
    expect(page.locator("main .error-line")).to_have_count(0)


def reach(page: Page) -> str:
    """The first thing in a view that can be used by a keyboard alone."""
    usable = "main :is(button, a, input, select, textarea, summary):visible"
    page.locator(usable).first.wait_for()
    for _ in range(3):  # what is loaded anew meanwhile takes the focus with it
        page.locator("#main").focus()
        for _ in range(12):
            page.keyboard.press("Tab")
            if found := str(page.evaluate(REACHED)):
                return found
    return ""


def test_every_view(server: Server, pages: Pages) -> None:
    """In the form in which most goes wrong; the others take as long each."""
    look_at_every_view(server, pages, "phone", dark=True)


@pytest.mark.parametrize(
    ("device", "dark"), [("phone", False), ("desktop", False), ("desktop", True)]
)
def test_every_view_in_every_other_form(
    server: Server, pages: Pages, device: Device, dark: bool
) -> None:
    look_at_every_view(server, pages, device, dark=dark)


def look_at_every_view(server: Server, pages: Pages, device: Device, *, dark: bool) -> None:
    page = pages.open(server.url, device=device, language="de", dark=dark)
    wrong: list[str] = []
    for path in PATHS:
        go(page, path)
        settle(page)
        try:
            axe(page)
            fits(page)
        except AssertionError as failure:
            wrong.append(f"{path}: {failure}")
        for what, script in (("untranslated", UNTRANSLATED), ("small", SMALL), ("cut", CUT)):
            if (device == "phone" or what != "small") and (found := page.evaluate(script)):
                wrong.append(f"{path}: {what}: {found}")
        if device == "desktop" and not dark:
            if not reach(page):
                wrong.append(f"{path}: nothing is reached by the keyboard")
            page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
            try:
                fits(page)
            except AssertionError as failure:
                wrong.append(f"{path}: at 200 %: {failure}")
            page.set_viewport_size(SIZES[device]["viewport"])
    assert wrong == []


IN_SIGHT = """() => {
    const field = document.querySelector("#message-input").getBoundingClientRect();
    const found = document.elementFromPoint(field.x + field.width / 2, field.bottom - 4);
    return found?.id === "message-input";
}"""


def test_one_can_write_while_something_waits(server: Server, pages: Pages) -> None:
    """Notices stand above the chat; they do not push what one writes in off the screen."""
    reboot = "/v1/commands/catalog/default-reboot/execute"
    asked = server.request("POST", reboot, key=ADMIN_KEY, json={"arguments": {}}).json()
    phone = pages.open(server.url, device="phone", language="de")
    zoomed = pages.open(server.url, language="de", viewport=ZOOMED)
    for page in (phone, zoomed):
        page.locator(".notices li").first.wait_for()
        assert page.evaluate(IN_SIGHT)
        axe(page)
    denied = f"/v1/approvals/{asked['approval_id']}/deny"
    assert server.request("POST", denied, key=ADMIN_KEY, json={}).status_code == 200
    for page in (phone, zoomed):
        expect(page.locator(".notices li")).to_have_count(0)
        assert page.evaluate(IN_SIGHT)


def test_a_view_opens_once_the_program_is_there_again(server: Server, pages: Pages) -> None:
    """Chromium keeps for a page that a module did not load, so the page has to be loaded anew."""
    pages.expected += ["ERR_", "Failed to"]
    page = pages.open(server.url, device="phone", language="de")
    page.route("**/ListsView-*.js", lambda route: route.abort())
    page.get_by_role("link", name="Listen").click()
    expect(page.locator("main")).to_contain_text("konnte nicht geladen werden")
    page.unroute("**/ListsView-*.js")
    expect(page.get_by_role("heading", level=1)).to_have_text("Listen")
    # The next failure is not waited for longer than this one was.
    page.wait_for_function("() => sessionStorage.length === 0")
