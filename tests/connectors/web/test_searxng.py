"""Searching with a SearXNG: what it finds, and what it says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from pisovereign.connectors.web.searxng import SearXng
from pisovereign.connectors.web.types import WebResult
from pisovereign.errors import UpstreamError
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.support.patience import PATIENCE_S
from tests.support.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as made:
        yield made


def search(web: Web, query: str, most: int = 5) -> list[WebResult]:
    async def searching() -> list[WebResult]:
        gate = Gate([AllowedHost("127.0.0.1", web.port)])
        client = OutboundClient(gate, Breakers(), Tls(), Limits(tries=1))
        try:
            return await SearXng(client, web.url + "/", PATIENCE_S).search(query, "de", most)
        finally:
            await client.close()
            gate.close()

    return asyncio.run(searching())


def test_what_is_found(web: Web) -> None:
    web.results = [
        {"url": "https://bread.example/a", "title": "Bread", "content": "Flour\nand water", "x": 1},
        {"url": "javascript:alert(1)", "title": "Bad", "content": ""},
        {"url": "https://" + "a" * 3000, "title": "Long"},
        {"title": "No address"},
        "nonsense",
        {"url": "https://no-title.example/", "title": None, "content": None},
    ]
    found = search(web, "Brot & Wasser")
    assert web.searches == ["Brot & Wasser"]
    assert "language=de" in web.asked[0]
    assert found == [
        WebResult(
            title="Bread",
            url="https://bread.example/a",
            host="bread.example",
            snippet="Flour and water",
        ),
        WebResult(
            title="no-title.example",
            url="https://no-title.example/",
            host="no-title.example",
            snippet="",
        ),
    ]
    assert len(search(web, "x", 1)) == 1


def test_json_that_is_off_is_said(web: Web) -> None:
    web.json_is_on = False
    with pytest.raises(UpstreamError, match=r"search\.formats"):
        search(web, "x")


def test_what_is_no_searxng_is_said(web: Web) -> None:
    web.results = "nonsense"  # type: ignore[assignment]
    with pytest.raises(UpstreamError, match="not answer as a SearXNG"):
        search(web, "x")
