"""The search server that is set now, and the reader of pages."""

from __future__ import annotations

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.assembly.live_service import SharedService
from pisovereign.config import SearchConfig, WebConfig
from pisovereign.connectors.web.pages import WebPages
from pisovereign.connectors.web.searxng import SearXng
from pisovereign.connectors.web.types import WebResult
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


class LiveSearch(SharedService[SearXng]):
    """A `WebSearch`."""

    def __init__(self, parts: LiveParts[SearXng]) -> None:
        super().__init__("search", "Web search", "search.url", parts)

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        """Return what is found, the best first."""
        with self.required() as server:
            return await server.search(query, language, most)
