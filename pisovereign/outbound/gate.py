"""The outbound gate: whether a host may be contacted, and at which addresses.

A name is resolved once, all of its addresses are judged, and only these are connected to: a name
that leads somewhere else a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pisovereign.admission.fair_limiter import release_permit
from pisovereign.errors import HostUnreached, Refused
from pisovereign.net.addresses import Address, reach
from pisovereign.net.hosts import AllowedHost, literal, normalize_host

# A resolver that hangs keeps a thread, so these are not shared with anything else.
_RESOLVER_THREADS = 8
_MOST_ADDRESSES = 32

Resolve = Callable[[str, int], Sequence[str]]


def resolve_name(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name, best first.

    Raises:
        OSError: there are none, or nobody knows.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Gate:
    """Decides where connections may go.

    Args:
        allowed: hosts that the configuration names. They may be on the local network.
        resolve: how names become addresses.
        timeout_s: longest wait for that.
    """

    def __init__(
        self,
        allowed: Iterable[AllowedHost] = (),
        *,
        resolve: Resolve = resolve_name,
        timeout_s: float = 5.0,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._admitted: Counter[AllowedHost] = Counter()
        self._resolve = resolve
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, "resolve")

    def is_configured(self, host: str, port: int) -> bool:
        """Return whether the configuration, or a connection in use, names this host and port."""
        name = normalize_host(host)
        # A copy, since threads ask while the loop admits others.
        return any(entry.covers(name, port) for entry in (*self._allowed, *list(self._admitted)))

    def admit(self, hosts: Iterable[AllowedHost]) -> None:
        """Let hosts be on the local network, until each is dismissed as often as admitted."""
        self._admitted.update(hosts)

    def dismiss(self, hosts: Iterable[AllowedHost]) -> None:
        """Take back `admit`."""
        self._admitted.subtract(hosts)
        self._admitted = +self._admitted

    async def check(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses to connect to, and no others.

        Raises:
            Refused: the host may not be contacted.
            HostUnreached: its name cannot be resolved in time.
        """
        release_permit()
        name = normalize_host(host)
        if (address := literal(name)) is not None:
            return self._judge(name, port, [str(address)])
        asked = self._ask(name, port)
        with _resolving(name):
            found = await asyncio.wait_for(asyncio.wrap_future(asked), self._timeout_s)
        return self._judge(name, port, found)

    def check_blocking(self, host: str, port: int) -> tuple[Address, ...]:
        """Do what `check` does, in a thread; never to be called on the event loop."""
        name = normalize_host(host)
        if (address := literal(name)) is not None:
            return self._judge(name, port, [str(address)])
        with _resolving(name):
            found = self._ask(name, port).result(self._timeout_s)
        return self._judge(name, port, found)

    def create_socket(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to a checked address, for libraries that work in threads.

        The socket keeps `timeout_s` as its own limit. TLS is the caller's, with the host's name.

        Raises:
            Refused: the host may not be contacted.
            HostUnreached: it cannot be reached in time.
        """
        until = time.monotonic() + timeout_s
        for address in self.check_blocking(host, port):
            left = until - time.monotonic()
            if left <= 0:
                break
            with contextlib.suppress(OSError):
                connected = socket.create_connection((str(address), port), left)
                connected.settimeout(timeout_s)
                return connected
        raise HostUnreached(f"{normalize_host(host)}:{port} cannot be reached")

    def close(self) -> None:
        """Stop resolving; what is being resolved is left to end by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, name: str, port: int) -> Future[Sequence[str]]:
        return self._threads.submit(self._resolve, name, port)

    def _judge(self, name: str, port: int, found: Sequence[str]) -> tuple[Address, ...]:
        if not found:
            raise HostUnreached(f"The host name {name} has no address")
        addresses = tuple(ipaddress.ip_address(text) for text in found[:_MOST_ADDRESSES])
        allowed = ("public", "local") if self.is_configured(name, port) else ("public",)
        # One bad address among good ones is how rebinding looks; nothing honest is lost.
        if any(reach(address) not in allowed for address in addresses):
            raise Refused(
                f"{name}:{port} is not on the public internet and is not contacted; "
                "if it is meant, name it in outbound.allow_hosts"
            )
        return addresses


@contextlib.contextmanager
def _resolving(name: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise HostUnreached(f"The host name {name} is not resolved in time") from None
    except (OSError, UnicodeError):
        raise HostUnreached(f"The host name {name} cannot be resolved") from None


def gated_connector(
    gate: Gate,
    context: ssl.SSLContext,
    *,
    limit: int,
    limit_per_host: int,
    keepalive_s: float,
) -> aiohttp.TCPConnector:
    """Return a connector that connects to judged addresses only; a limit of 0 is none.

    aiohttp asks no resolver about a literal IP address: that has to be judged before.
    """
    return aiohttp.TCPConnector(
        resolver=_GateResolver(gate),
        use_dns_cache=False,
        ssl=context,
        limit=limit,
        limit_per_host=limit_per_host,
        keepalive_timeout=keepalive_s,
    )


class _GateResolver(AbstractResolver):
    """Tells aiohttp the addresses that the gate lets it connect to."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._gate.check(host, port)
        ]

    async def close(self) -> None:
        pass
