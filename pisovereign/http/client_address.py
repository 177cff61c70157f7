"""The address of a request's client: behind trusted proxies, and against the block list."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from typing import Any

import falcon.asgi

from pisovereign.errors import Forbidden

# Where the scope of a request has its client's address, once it is known.
ADDRESS = "pisovereign.address"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ClientAddress:
    """Middleware that finds the client's address and refuses blocked ones.

    `X-Forwarded-For` counts only when the peer is a trusted proxy, and is read from the right:
    everything to the left of the first untrusted address is what the client claims of itself.
    """

    def __init__(self, trusted: Sequence[str], blocked: Sequence[str]) -> None:
        self._trusted = [ipaddress.ip_network(n, strict=False) for n in trusted]
        self._blocked = [ipaddress.ip_network(n, strict=False) for n in blocked]

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Set `req.context.address`, and as `req.context.secure` if it came by TLS; or refuse."""
        peer = (req.scope.get("client") or ("127.0.0.1", 0))[0]
        address = resolve(peer, req.get_header("X-Forwarded-For"), self._trusted)
        req.context.address = req.scope[ADDRESS] = rate_key(address)
        if self._blocked and _is_in(address, self._blocked):
            raise Forbidden("This address is blocked")
        req.context.secure = req.scheme == "https" or (
            self._is_proxy(peer) and _forwarded_scheme(req) == "https"
        )

    def _is_proxy(self, peer: str) -> bool:
        address = _parse(peer)
        return address is not None and _is_in(address, self._trusted)


def _forwarded_scheme(req: falcon.asgi.Request) -> str:
    """Return what the nearest proxy says of how it was asked."""
    return (req.get_header("X-Forwarded-Proto") or "").rpartition(",")[2].strip().lower()


def resolve(peer: str, forwarded: str | None, trusted: Sequence[Network]) -> Address:
    """Return the nearest address that is not one of our own proxies."""
    address = _parse(peer) or ipaddress.IPv4Address("127.0.0.1")
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded and trusted else []
    while hops and _is_in(address, trusted):
        hop = _parse(hops.pop())
        if hop is None:  # unreadable: stop at what we know
            break
        address = hop
    return address


def rate_key(address: Address) -> str:
    """Return what is limited: an IPv4 address, or the /64 network of an IPv6 host."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


@functools.lru_cache(maxsize=1024)
def _parse(text: Any) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
