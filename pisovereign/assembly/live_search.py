"""The search server that is set now, and the reader of pages."""

from __future__ import annotations

from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.config import SearchConfig, WebConfig
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.errors import NotConfigured
from pisovereign.integrations.diagnostics import Integration
from pisovereign.integrations.web.pages import WebPages
from pisovereign.integrations.web.searxng import SearXng
from pisovereign.integrations.web.types import WebResult
from pisovereign.languages import Language
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.outbound import Outbound

_SETTING = "search.url"


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


class LiveSearch:
    """A `WebSearch`."""

    def __init__(self, parts: LiveParts[SearXng]) -> None:
        self.parts = parts

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        """Return what is found, the best first."""
        with self.parts.using(HOUSEHOLD) as server:
            if server is None:
                raise NotConfigured("Web search", _SETTING)
            return await server.search(query, language, most)

    def is_set_up(self) -> bool:
        """Return whether there is a search server."""
        return self.parts.current(HOUSEHOLD) is not None

    async def check(self, user: UUID) -> float | None:
        """Check that the search server is there."""
        with self.parts.using(HOUSEHOLD) as server:
            if server is None:
                raise NotConfigured("Web search", _SETTING)
            return await server.health()

    async def check_all(self) -> float | None:
        """Check that the search server is there."""
        return await self.check(HOUSEHOLD)

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        server = self.parts.current(HOUSEHOLD)
        if server is None:
            return Integration("search", _SETTING)
        return Integration("search", _SETTING, server.health, server.probe)
