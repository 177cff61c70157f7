"""The search server that is set now, and the reader of pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pisovereign.connectors.connected_service import SharedService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.web.pages import WebPages
from pisovereign.connectors.web.searxng import SearXng
from pisovereign.connectors.web.settings import SearchConfig, WebConfig
from pisovereign.connectors.web.types import WebResult
from pisovereign.connectors.words import Words
from pisovereign.languages import Language
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.outbound import Outbound


def build_search(config: SearchConfig, outbound: Outbound) -> SearXng | None:
    """Return the search server; None: none is named."""
    if not config.url:
        return None
    return SearXng(outbound.client, config.url, config.timeout_s)


def build_pages(config: WebConfig, outbound: Outbound) -> WebPages | None:
    """Return what reads pages, with a gate that knows no host of the local network; None: off."""
    if not config.read_pages:
        return None
    gate = Gate([AllowedHost.parse(text) for text in config.allow_hosts])
    limits = Limits(total_s=config.timeout_s, response_bytes=config.page_limit_bytes, tries=1)
    client = OutboundClient(gate, Breakers(), outbound.tls, limits)
    return WebPages(client, gate, config.timeout_s)


class ConnectedSearch(SharedService[SearXng]):
    """A `WebSearch`."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build_search(section, context.outbound))
        super().__init__("search", "Web search", "search.url", parts)

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        """Return what is found, the best first."""
        with self.required() as server:
            return await server.search(query, language, most)


start = ConnectedSearch


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Search for something."""
    server = build_search(section, context.outbound)
    assert server is not None
    return await try_probe(section.url, "read", server.probe, context.outbound, words)
