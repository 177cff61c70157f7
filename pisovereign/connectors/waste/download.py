"""Fetching the calendar, wherever the address of the waste collection service leads by now."""

from __future__ import annotations

import time
from urllib.parse import urldefrag, urljoin

from pisovereign.errors import AnswerRefused, Refused, UpstreamError
from pisovereign.net.hosts import parse_url
from pisovereign.outbound.outbound import Outbound

_MOST_BYTES = 1024 * 1024
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


async def download(outbound: Outbound, url: str, timeout_s: float) -> bytes:
    """Return the calendar at an address, all within `timeout_s`.

    Raises:
        UpstreamError: It is not there, too large, too slow, or may not be contacted.
    """
    until = time.monotonic() + timeout_s
    address = url
    for _ in range(_MOST_REDIRECTS + 1):
        left = until - time.monotonic()
        if left <= 0:
            raise UpstreamError("The calendar is not there in time")
        reply = await outbound.client.get(
            address, headers={"Accept": "text/calendar, */*"}, timeout_s=left, show_redirect=True
        )
        host = parse_url(address).host
        if reply.status in _REDIRECTS:
            address = _next(outbound, url, address, reply.headers.get("Location", ""))
            continue
        if reply.status != 200:
            raise UpstreamError(f"{host} answers with HTTP status {reply.status}")
        if len(reply.body) > _MOST_BYTES:
            raise AnswerRefused(f"The calendar of {host} is too large")
        return reply.body
    raise AnswerRefused("The calendar leads from one address to another without end")


def _next(outbound: Outbound, first: str, address: str, location: str) -> str:
    """Return where a redirect leads; never to a server at home that the household did not mean."""
    try:
        target = parse_url(found := urldefrag(urljoin(address, location))[0])
    except (Refused, ValueError):
        raise AnswerRefused("The calendar leads to what is no address") from None
    at_home = outbound.gate.is_configured(target.host, target.port)
    if at_home and target.host != parse_url(first).host:
        raise AnswerRefused(f"The calendar leads to {target.host}, another server at home")
    return found
