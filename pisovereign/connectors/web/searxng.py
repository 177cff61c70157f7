"""Searching with a SearXNG, over its JSON API."""

from __future__ import annotations

from typing import Any

import msgspec

from pisovereign.connectors.web.types import WebResult
from pisovereign.errors import Refused, UpstreamError
from pisovereign.health import CachedCheck
from pisovereign.languages import Language
from pisovereign.net.hosts import parse_url
from pisovereign.outbound.client import OutboundClient
from pisovereign.text.cleaning import one_line

_LONGEST_TITLE, _LONGEST_SNIPPET, _LONGEST_URL = 200, 400, 1_000
_MOST_READ = 100
_FORBIDDEN, _TOO_MANY = 403, 429


class _Found(msgspec.Struct):
    """A result as SearXNG has it."""

    url: str = ""
    title: str | None = None
    content: str | None = None


class _Answer(msgspec.Struct):
    """An answer as SearXNG has it; results are read one by one."""

    results: list[Any]


class SearXng:
    """A SearXNG; a `WebSearch`.

    Args:
        client: The way out.
        url: Where it is.
        timeout_s: Longest wait for an answer.
    """

    def __init__(self, client: OutboundClient, url: str, timeout_s: float) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/search"
        self._timeout_s = timeout_s
        self.health = CachedCheck(self.probe)

    async def search(self, query: str, language: Language, most: int) -> list[WebResult]:
        """Return what is found, the best first.

        Raises:
            UpstreamError: It does not answer, or not usefully.
        """
        reply = await self._client.get(
            self._url,
            params={"q": query, "format": "json", "language": language},
            headers={"Accept": "application/json"},
            timeout_s=self._timeout_s,
        )
        if reply.status == _FORBIDDEN:
            raise UpstreamError(
                "The search server refuses JSON: add json to search.formats in its settings.yml"
            )
        if reply.status == _TOO_MANY:
            raise UpstreamError("The search server says that it is asked too often")
        if reply.status != 200:
            raise UpstreamError(f"The search server answers with HTTP status {reply.status}")
        try:
            answer = msgspec.json.decode(reply.body, type=_Answer)
        except msgspec.DecodeError:
            raise UpstreamError("The search server does not answer as a SearXNG does") from None
        found = (_result(each) for each in answer.results[:_MOST_READ])
        return [result for result in found if result is not None][:most]

    async def probe(self) -> str:
        """Search now, and say how much was found.

        Raises:
            UpstreamError: It does not work.
        """
        found = await self.search("Wikipedia", "en", 10)
        return f"{len(found)} results for a test"


def _result(raw: object) -> WebResult | None:
    """Return a result; None: it is none that somebody could open."""
    try:
        found = msgspec.convert(raw, _Found)
        host = parse_url(found.url).host
    except (msgspec.ValidationError, Refused):
        return None
    if len(found.url) > _LONGEST_URL:
        return None
    return WebResult(
        title=one_line(found.title or host, _LONGEST_TITLE),
        url=found.url,
        host=host,
        snippet=one_line(found.content or "", _LONGEST_SNIPPET),
    )
