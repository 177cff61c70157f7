"""The page's frame: signing in, moving between views, language and theme."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.server import Server
from tests.web.pages import Pages, axe, fits


def test_the_shell_on_a_desktop(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, key=None)
    axe(page)
    page.get_by_label("Key", exact=True).fill("sk-wrong-0123456789abcdef")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("This key does not open the assistant.")).to_be_visible()
    page.close()
    page = pages.open(server.url, "/settings")
    axe(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Settings")
    page.get_by_role("navigation").get_by_role("link", name="Chat").press("Enter")
    page.wait_for_url(f"{server.url}/")
    expect(page.get_by_role("link", name="Chat")).to_have_attribute("aria-current", "page")
    page.locator("#message-input").wait_for()
    page.go_back()
    expect(heading).to_have_text("Settings")
    expect(heading).to_be_focused()
    page.get_by_label("Appearance", exact=True).select_option("dark")
    axe(page)
    page.locator("main").get_by_label("Language").select_option("de")
    expect(heading).to_have_text("Einstellungen")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(heading).to_have_text("Einstellungen")  # the cookie is there after loading again, too
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("heading", name="Wer ist da?")).to_be_visible()


def test_the_shell_on_a_phone(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, device="phone", language="de", dark=True)
    axe(page)
    fits(page)
    menu = page.get_by_role("button", name="Menü")
    menu.click()
    dialog = page.get_by_role("dialog")
    axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(menu).to_be_focused()
    menu.click()
    dialog.get_by_role("link", name="Einstellungen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Einstellungen")
    expect(dialog).to_have_count(0)
    fits(page)
    assert (
        page.evaluate(
            """[...document.querySelectorAll("button, a, select, input")]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5
            && e.type !== "checkbox" && !e.classList.contains("skip-link"))
        .map(e => e.outerHTML)"""
        )
        == []
    )


def test_what_a_browser_is_sent(server: Server) -> None:
    first = server.request("GET", "/settings", headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert 'lang="de"' in first.text
    policy = first.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    again = server.request("GET", "/settings", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200  # in English it is another one
    headers = {"If-None-Match": first.headers["ETag"], "Accept-Language": "de"}
    assert server.request("GET", "/settings", headers=headers).status_code == 304
    script = re.search(r'href="(/web/shared-[\w-]+\.js)"', first.text)
    assert script
    sent = server.request("GET", script[1])
    assert sent.headers["Content-Encoding"] == "gzip"
    assert "immutable" in sent.headers["Cache-Control"]
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    plain = server.request("GET", script[1], headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == sent.content
    for path in ("/settings/", "/chat/x", "/web/../config.py", "/web/build.json"):
        assert server.request("GET", path, key="").status_code in (200, 401), path
    assert server.request("GET", "/web/build.json", key="").status_code == 401
