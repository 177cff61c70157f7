"""Reading a page of the web as text, wherever its redirects lead within the public internet."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import msgspec

from pisovereign.connectors.web.page_text import PageText
from pisovereign.connectors.web.types import WebPage
from pisovereign.errors import AnswerRefused, Refused, UpstreamError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.net.hosts import parse_url
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.reply import Reply
from pisovereign.process.confined import ConfinedError, Limits, run_confined

_MOST_REDIRECTS = 5
# Each is a process with an interpreter of its own.
_AT_ONCE = 2
_CONVERTER = "pisovereign.connectors.web.page_text"
_LIMITS = Limits(seconds=20.0, cpu_s=10, memory_bytes=512 * 1024 * 1024, output_bytes=256 * 1024)
_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = ("text/plain", "text/markdown")
_REDIRECTS = (301, 302, 303, 307, 308)


class _Body(NamedTuple):
    """The body that a server sent, and where it came from at last."""

    url: str
    data: bytes
    html: bool
    charset: str


class WebPages:
    """Reads pages; a `PageReader`.

    Args:
        client: A way out of its own: its gate names no host of the local network.
        gate: That gate.
        timeout_s: Longest time for a page with its redirects.
    """

    def __init__(self, client: OutboundClient, gate: Gate, timeout_s: float) -> None:
        self._client = client
        self._gate = gate
        self._timeout_s = timeout_s
        self._converting = asyncio.Semaphore(_AT_ONCE)

    async def read(self, url: str, language: Language) -> WebPage:
        """Return the text of a page.

        Raises:
            ValidationFailed: That is no address of a page.
            UpstreamError: It is not read: it is not there, not public, too slow or large, or no
                text.
        """
        body = await self._fetch(url, language)
        arguments = ["html" if body.html else "plain", body.charset]
        try:
            async with self._converting:
                made = await run_confined(_CONVERTER, body.data, _LIMITS, arguments)
            page = msgspec.json.decode(made, type=PageText)
        except (ConfinedError, msgspec.DecodeError):
            raise UpstreamError("The page cannot be read as text") from None
        host = parse_url(body.url).host
        if not page.text.strip():
            raise UpstreamError(f"The page of {host} holds no text that can be read")
        return WebPage(
            title=page.title or host,
            url=body.url,
            host=host,
            text=page.text,
            is_cut=page.is_cut,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
        self._gate.close()

    async def _fetch(self, url: str, language: Language) -> _Body:
        until = time.monotonic() + self._timeout_s
        address = self._address(url)
        for _ in range(_MOST_REDIRECTS + 1):
            left = until - time.monotonic()
            if left <= 0:
                raise UpstreamError("The page is not there in time")
            reply = await self._client.get(
                address,
                headers={
                    "Accept": "text/html, text/plain;q=0.9",
                    "Accept-Language": f"{language}, en;q=0.5",
                },
                timeout_s=left,
                show_redirect=True,
            )
            if reply.status not in _REDIRECTS:
                return _body(address, reply)
            location = reply.headers.get("Location", "")
            try:
                address = self._address(urljoin(address, location))
            except (ValidationFailed, ValueError):
                raise AnswerRefused("The page leads to what is no address of a page") from None
        raise AnswerRefused("The page leads from one address to another without end")

    def _address(self, url: str) -> str:
        """Return the address of a page, with https where http was not allowed for its host.

        Raises:
            ValidationFailed: It is none.
        """
        address = urldefrag(url.strip())[0]
        try:
            target = parse_url(address)
        except Refused as error:
            raise ValidationFailed([{"field": "url", "error": error.message}]) from None
        if target.scheme == "http" and not self._gate.is_configured(target.host, target.port):
            if target.port != 80:
                raise ValidationFailed([{"field": "url", "error": "is only read with https"}])
            address = "https" + address.removeprefix("http").replace(":80/", "/", 1)
        return address


def _body(url: str, reply: Reply) -> _Body:
    host = parse_url(url).host
    if reply.status != 200:
        raise UpstreamError(f"{host} answers with HTTP status {reply.status}")
    kind, _, rest = reply.headers.get("Content-Type", "text/html").partition(";")
    kind = kind.strip().lower()
    if kind not in (*_HTML, *_PLAIN):
        raise UpstreamError(f"{host} sends no page of text, but {kind[:60] or 'something else'}")
    charset = next(
        (
            value.strip("\"' ")
            for name, _, value in (part.strip().partition("=") for part in rest.split(";"))
            if name.lower() == "charset"
        ),
        "",
    )
    known = charset if charset.isascii() and charset.isprintable() else ""
    return _Body(url, reply.body, kind in _HTML, known[:40])
