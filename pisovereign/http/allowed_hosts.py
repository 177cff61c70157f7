"""Requests that were made for this server, and by nobody else's page.

A page from elsewhere can let its own name lead to an address of the home network, and then reads
answers as if they were its own. The `Host` header tells: it still holds that name.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence

import falcon.asgi

from pisovereign.errors import Forbidden
from pisovereign.net.host_header import read_authority

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_ORIGIN = re.compile(r"https?://([^/?#@]+)")


class AllowedHosts:
    """The host names that this machine may be asked for by.

    Its own name, with and without `.local`, `localhost`, loopback addresses, the address that the
    connection came to, and what the configuration adds.
    """

    def __init__(self, names: Sequence[str]) -> None:
        own = socket.gethostname().lower()
        short = own.partition(".")[0]
        known = ("localhost", own, short, f"{short}.local", *names)
        self._names = frozenset(name.lower().rstrip(".") for name in known)

    def check(self, req: falcon.asgi.Request) -> None:
        """Check `Host`, and `Origin` where there is one.

        Raises:
            Forbidden: The request was made for another host, or by a page of another one.
        """
        authority = self.check_host(req)
        origin = req.get_header("Origin")
        if origin is None:
            return
        found = _ORIGIN.fullmatch(origin)
        if found is None or found[1].lower() != authority.lower():
            raise Forbidden("The Origin header names another site")

    def check_host(self, req: falcon.asgi.Request) -> str:
        """Check `Host`, and return it.

        Raises:
            Forbidden: The request was made for another host.
        """
        authority = req.get_header("Host") or ""
        if not self._is_ours(authority, (req.scope.get("server") or ("", 0))[0]):
            raise Forbidden("The Host header does not name this server; see server.names")
        return authority

    def is_named(self, authority: str) -> bool:
        """Return whether a host, with or without a port, is a name of this machine."""
        return self._is_ours(authority, "")

    def includes(self, host: str, reached: str) -> bool:
        """Return whether a host, as `read_authority` gives it, is this machine.

        Args:
            host: A name or an address.
            reached: The address that the connection came to.
        """
        try:
            address = _plain(ipaddress.ip_address(host))
        except ValueError:
            return host in self._names
        return address.is_loopback or host in self._names or address == _address(reached)

    def _is_ours(self, authority: str, reached: str) -> bool:
        found = read_authority(authority)
        return found is not None and self.includes(found.host, reached)


def _address(text: str) -> _Address | None:
    """Return an address without its interface; None for what is no address."""
    try:
        return _plain(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def _plain(address: _Address) -> _Address:
    """Return the IPv4 address that a socket for both families shows as one of IPv6."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
