"""From the code on the console to the first answer, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, Request, expect

from tests.support.browser import browser_page
from tests.support.patience import PATIENCE_MS, PATIENCE_S
from tests.support.server import Server, wait_until
from tests.web.pages import axe

NAME = "SmolLM2 135M Instruct"


@pytest.fixture
def fresh(data_dir: Path, models_dir: Path) -> Iterator[Server]:
    """`pisovereign serve`, as on a device that was just flashed."""
    server = Server(data_dir, models_dir, "", PISOVEREIGN_SETUP__ENABLED="true")
    server.start(wait=False, first=True)

    def there() -> bool:
        try:
            return requests.get(f"{server.url}/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_until(there, PATIENCE_S, "the set-up page")
    yield server
    server.remove()


@pytest.fixture
def page(fresh: Server) -> Iterator[Page]:
    asked: list[str] = []
    failures: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    with browser_page() as page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", note)
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield page
    assert [url for url in asked if not url.startswith((fresh.url, "data:"))] == []
    assert failures == []


def speak(page: Page, language: str) -> None:
    page.locator("header select").select_option(language)


def code_of(server: Server) -> str:
    return (server.data_dir / "setup" / "code").read_text().strip()


def test_a_wrong_time_zone_is_refused_where_it_is_entered(fresh: Server, page: Page) -> None:
    page.goto(f"{fresh.url}/#code={code_of(fresh)}")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Ada")
    zone = page.get_by_role("combobox", name="Time zone")
    zone.fill("Mars")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_text("There is no such time zone")).to_be_visible()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(zone).to_be_focused()
    expect(zone).to_have_attribute("aria-invalid", "true")
    axe(page)
    speak(page, "de")
    expect(page.get_by_text("Diese Zeitzone gibt es nicht")).to_be_visible()
    speak(page, "fr")
    expect(page.get_by_text("Ce fuseau horaire n'existe pas")).to_be_visible()
    speak(page, "en")

    zone.fill("Europe/Berlin")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The model")).to_be_focused()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name="About you")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    expect(zone).to_have_value("Europe/Berlin")
    expect(zone).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("There is no such time zone")).to_have_count(0)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The model")).to_be_focused()


def test_from_the_code_to_the_first_answer(fresh: Server, page: Page) -> None:
    page.goto(f"{fresh.url}/#code={code_of(fresh)}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Welcome")).to_be_focused()
    axe(page)
    speak(page, "de")
    expect(page.get_by_role("heading", name="Willkommen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    speak(page, "fr")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    speak(page, "en")
    assert "code=" not in page.url

    page.get_by_label("Code").fill("ABCD-EFGH")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the code that the console shows")
    page.get_by_label("Code").fill(code_of(fresh).lower())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="About you")).to_be_focused()
    page.reload()  # the session survives it
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Continue").click()
    axe(page)
    page.get_by_role("radio", name=NAME).check()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Your key")).to_be_focused()
    axe(page)
    key = page.locator("#key").inner_text()
    assert key.startswith("sk-")
    page.get_by_label("I have kept the key").check()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Your assistant starts")).to_be_visible()

    # Signed in, on the phone that did it, and without a key that scripts could read.
    page.get_by_label("Message", exact=True).fill("Hello! Who are you?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.user .message-text")).to_have_text("Hello! Who are you?")
    page.locator(".message.assistant.done .markdown").wait_for()
    assert key not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")

    told = fresh.request("GET", "/v1/conversations", key=key).json()
    assert [conversation["message_count"] for conversation in told] == [2]
    assert key not in fresh.log()
    for path in ("/setup/claim", "/setup/state"):
        assert requests.post(fresh.url + path, timeout=PATIENCE_S).status_code == 401
        assert fresh.request("POST", path, key=key).status_code in (404, 405)
