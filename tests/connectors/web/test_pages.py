"""Pages are fetched from where they may be, and from nowhere else, however they are redirected."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.connectors.web.pages import WebPages
from pisovereign.connectors.web.types import WebPage
from pisovereign.errors import PiSovereignError, Refused, UpstreamError, ValidationFailed
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until
from tests.support.web import Page, Web

TEXT = Page(b"<title>Hello</title><p>World</p>")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as made:
        yield made


@pytest.fixture
def inner() -> Iterator[Web]:
    """A server of the local network that nobody named."""
    with Web() as made:
        made.pages["/secret"] = Page(b"<p>The key is 42</p>")
        yield made


def read(web: Web, path: str, *, timeout_s: float = PATIENCE_S, most: int = 100_000) -> WebPage:
    async def reading() -> WebPage:
        gate = Gate([AllowedHost("127.0.0.1", web.port)])
        limits = Limits(total_s=timeout_s, response_bytes=most, tries=1)
        pages = WebPages(OutboundClient(gate, Breakers(), Tls(), limits), gate, timeout_s)
        try:
            return await pages.read(path if "://" in path else web.url + path, "en")
        finally:
            await pages.close()

    return asyncio.run(reading())


def test_a_page(web: Web) -> None:
    web.pages["/a"] = TEXT
    page = read(web, "/a#part")
    assert (page.title, page.text, page.host) == ("Hello", "World", "127.0.0.1")
    assert web.asked == ["/a"]


def test_redirects_are_followed_and_end(web: Web) -> None:
    web.pages["/a"] = Page(status=302, location="b")
    web.pages["/b"] = Page(status=301, location=f"{web.url}/c?x=1")
    web.pages["/c"] = TEXT
    assert read(web, "/a").url == f"{web.url}/c?x=1"
    web.pages["/loop"] = Page(status=302, location="/loop")
    with pytest.raises(UpstreamError, match="without end"):
        read(web, "/loop")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_into_the_local_network(web: Web, inner: Web, status: int) -> None:
    for location in (
        f"{inner.url}/secret",
        f"https://127.0.0.1:{inner.port}/secret",
        f"//127.0.0.1:{inner.port}/secret",
        f"http://localhost:{inner.port}/secret",
        f"http://[::1]:{inner.port}/secret",
        f"http://0.0.0.0:{inner.port}/secret",
        f"http://2130706433:{inner.port}/secret",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "https://user:password@127.0.0.1/",
        "javascript:alert(1)",
        "",
    ):
        web.pages["/a"] = Page(status=status, location=location)
        with pytest.raises(PiSovereignError):
            read(web, "/a", timeout_s=5)
    assert inner.asked == []


def test_what_is_not_public_is_not_read(web: Web, inner: Web) -> None:
    for url in (
        f"https://127.0.0.1:{inner.port}/secret",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
    ):
        with pytest.raises(Refused):
            read(web, url)
    for url in ("ftp://a.example/", "a.example", "https://", f"{inner.url}/secret", "https://a b/"):
        with pytest.raises((ValidationFailed, Refused)):
            read(web, url.replace("a.example", "://a.example") if "://" not in url else url)
    assert inner.asked == []


def test_limits(web: Web) -> None:
    web.pages["/huge"] = Page(b"<p>" + b"x" * 200_000)
    with pytest.raises(UpstreamError, match="too large"):
        read(web, "/huge")
    web.pages["/slow"] = TEXT._replace(delay_s=3.0)
    with pytest.raises(UpstreamError):
        read(web, "/slow", timeout_s=0.3)
    for kind in ("application/pdf", "image/png", "application/octet-stream"):
        web.pages["/pdf"] = Page(b"%PDF", kind)
        with pytest.raises(UpstreamError, match="no page of text"):
            read(web, "/pdf")
    web.pages["/empty"] = Page(b"<script>x</script>")
    with pytest.raises(UpstreamError, match="no text"):
        read(web, "/empty")
    with pytest.raises(UpstreamError, match="404"):
        read(web, "/nothing")


def test_of_many_pages_few_are_converted_at_once(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.pages["/a"] = TEXT
    running, most = 0, 0
    pair = asyncio.Barrier(2)

    async def slowly(*given: Any) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        # Another one begins beside it; by now whatever has a page to convert may have begun, too.
        await pair.wait()
        await asyncio.to_thread(wait_until, lambda: len(web.asked) == 8, 60, "all requests")
        await pair.wait()
        running -= 1
        return b'{"title": "Hello", "text": "World", "is_cut": false}'

    monkeypatch.setattr("pisovereign.connectors.web.pages.run_confined", slowly)

    async def reading() -> None:
        gate = Gate([AllowedHost("127.0.0.1", web.port)])
        pages = WebPages(OutboundClient(gate, Breakers(), Tls(), Limits(tries=1)), gate, 60.0)
        try:
            await asyncio.gather(*(pages.read(f"{web.url}/a", "en") for _ in range(8)))
        finally:
            await pages.close()

    asyncio.run(reading())
    assert most == 2
