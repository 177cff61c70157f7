"""Fixtures of the page: a browser, and pages in it that fail where something in them does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.web.pages import Pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    """Opens pages: `pages.open(server.url, "/memories", device="phone", language="de")`."""
    opened = Pages(browser)
    yield opened
    opened.close()
