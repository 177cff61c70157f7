"""Requests without TLS where there is TLS: almost none, and never led to another host."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any

import falcon.asgi

from pisovereign.errors import Forbidden
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.net.host_header import Authority, read_authority

_DAY_S = 86_400
# Ends of names that are not of the public name system: they may lead to another device tomorrow.
_LOCAL_ENDS = ("local", "localhost", "lan", "home", "internal", "arpa", "test")


class SecureTransport:
    """Middleware that leads requests without TLS to the port that has it.

    Requests of this machine itself go on without TLS, as do the public paths in `plain`. Nothing
    else is answered, so that no key and no text crosses the network in the clear.

    Args:
        hosts: The names this server goes by: nobody is led to any other.
        port: The port with TLS.
        plain: Paths that are answered without TLS.
        start: Where the page's own address leads without TLS; empty: to the port with TLS.
        own_names: Names for which browsers are told to insist on TLS.
        insist_days: For how many days; 0: they are not told.
    """

    def __init__(
        self,
        hosts: AllowedHosts,
        port: int,
        *,
        plain: Collection[str],
        start: str = "",
        own_names: Collection[str] = (),
        insist_days: int = 0,
    ) -> None:
        self._hosts = hosts
        self._port = port
        self._plain = frozenset(plain)
        self._start = start
        self._insisting = frozenset(filter(is_public_name, own_names)) if insist_days else ()
        self._insist = f"max-age={insist_days * _DAY_S}"

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer a request without TLS, unless it may go on.

        Raises:
            Forbidden: It has a body or a key, which were sent in the clear already, or is for
                another host.
        """
        if req.scheme == "https" or req.path in self._plain or _is_from_here(req):
            return
        found = read_authority(req.get_header("Host") or "")
        if found is None or not self._hosts.includes(found.host, _reached(req)):
            raise Forbidden("The Host header does not name this server; see server.names")
        secure = self.address(found)
        if req.method not in ("GET", "HEAD") or req.get_header("Authorization"):
            raise Forbidden(f"Without TLS nothing is answered here: use {secure}")
        # For now: a browser that remembered it would not find us once TLS is off.
        resp.status = 307
        resp.set_header("Cache-Control", "no-store")
        if self._start and req.path == "/":
            resp.location = self._start
        else:
            resp.location = f"{secure}{_target(req)}"
        resp.complete = True

    async def process_response(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: Any, succeeded: bool
    ) -> None:
        """Tell browsers to come back with TLS, where the name is one of the owner's own."""
        if not self._insisting or req.scheme != "https":
            return
        found = read_authority(req.get_header("Host") or "")
        if found is not None and found.host in self._insisting:
            resp.set_header("Strict-Transport-Security", self._insist)

    def address(self, authority: Authority) -> str:
        """Return the address with TLS of the host that somebody asked for."""
        host = f"[{authority.host}]" if ":" in authority.host else authority.host
        return f"https://{host}" if self._port == 443 else f"https://{host}:{self._port}"


def is_public_name(name: str) -> bool:
    """Return whether this is a name of the public name system, and not an address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." in name and name.rpartition(".")[2].lower() not in _LOCAL_ENDS
    return False


def _is_from_here(req: falcon.asgi.Request) -> bool:
    """Return whether a program of this machine asks for this machine, for nobody else."""
    if req.get_header("X-Forwarded-For") or req.get_header("Forwarded"):
        return False
    found = read_authority(req.get_header("Host") or "")
    peer = (req.scope.get("client") or ("", 0))[0]
    return found is not None and _is_loopback(peer) and _is_loopback(found.host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _reached(req: falcon.asgi.Request) -> str:
    return str((req.scope.get("server") or ("", 0))[0])


def _target(req: falcon.asgi.Request) -> str:
    """Return path and query as they were sent; `Location` has them behind a host of ours."""
    raw = req.scope.get("raw_path") or req.path.encode()
    path = raw.partition(b"?")[0].decode("ascii", "replace")
    return f"{path}?{req.query_string}" if req.query_string else path
