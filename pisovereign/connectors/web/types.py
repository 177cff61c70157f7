"""Results of searches in the web, and the protocols of who finds them."""

from __future__ import annotations

from typing import Protocol

import msgspec

from pisovereign.errors import NotConfigured
from pisovereign.languages import Language


class WebResult(msgspec.Struct, frozen=True, kw_only=True):
    """A page that a search has found; nothing of it was read. `host` is that of `url`."""

    title: str
    url: str
    host: str
    snippet: str


class WebPage(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a page. `url` is where redirects led; `is_cut` says that the page is longer."""

    title: str
    url: str
    host: str
    text: str
    is_cut: bool


class WebSearch(Protocol):
    """Searches the web."""

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        """Return what is found, the best first."""
        ...


class PageReader(Protocol):
    """Reads pages of the web."""

    async def read(self, url: str, language: Language) -> WebPage:
        """Return the text of a page."""
        ...


class NoPages:
    """The reader of a program that reads no pages."""

    async def read(self, url: str, language: Language) -> WebPage:
        """Raise `NotConfigured`."""
        raise NotConfigured("Reading pages", "web.read_pages")
