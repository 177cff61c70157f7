"""The page on which a phone comes to trust the device, in a real browser and without TLS."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.patience import PATIENCE_MS
from tests.support.server import Server, free_port
from tests.tls.test_program import OWN


@pytest.fixture(scope="module")
def server(models_dir: Path) -> Iterator[Server]:
    server = Server(
        Path(tempfile.mkdtemp(prefix="pisov-trust-")),
        models_dir,
        PISOVEREIGN_TLS__MODE="own-ca",
        PISOVEREIGN_TLS__PORT=str(free_port()),
    )
    yield server.start()
    server.remove()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(f"--host-resolver-rules=MAP {OWN}.local 127.0.0.1") as running:
        yield running


@pytest.mark.parametrize(
    ("language", "dark", "waits"),
    [
        ("en", False, "This browser does not trust the device yet."),
        ("de", True, "Dieser Browser vertraut dem Gerät noch nicht."),
    ],
)
def test_phone_sees_how_to_trust_the_device(
    server: Server, browser: Browser, language: str, dark: bool, waits: str
) -> None:
    context = browser.new_context(
        locale=language,
        color_scheme="dark" if dark else "light",
        viewport={"width": 360, "height": 740},
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"http://{OWN}.local:{server.port}/")
    assert page.url.endswith("/trust#open")
    page.get_by_text(waits).wait_for()
    assert page.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_browser_that_trusts_it_is_led_on(server: Server, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"http://{OWN}.local:{server.port}/")
    page.wait_for_url(f"https://{OWN}.local:*/")
    context.close()
