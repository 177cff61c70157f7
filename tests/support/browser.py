"""The system's Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.patience import PATIENCE_MS
from tests.support.programs import required_program

# Without the last ones it asks for hosts elsewhere.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*further: str) -> Iterator[Browser]:
    """A browser, with further arguments; there may be one at a time."""
    program = required_program("chromium")
    expect.set_options(timeout=PATIENCE_MS)  # contexts have one of their own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*ARGUMENTS, *further], timeout=PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of its own."""
    with chromium() as browser:
        yield browser.new_page()
