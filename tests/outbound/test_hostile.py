"""Hostile URLs escape nowhere: not one connection arrives at a socket that really listens."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pisovereign.errors import PiSovereignError, Refused
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.outbound.hostile import ZONE, spellings, urls
from tests.outbound.listening import trap
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

LIMITS = Limits(connect_s=PATIENCE_S, total_s=PATIENCE_S, tries=1)


def resolve(host: str, port: int) -> list[str]:
    """The attacker's zone first; else what this machine really says, as a C library reads it."""
    if host in ZONE:
        return ZONE[host]
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def client(gate: Gate) -> OutboundClient:
    return OutboundClient(gate, Breakers(failures=1_000_000), Tls(), LIMITS)


async def _send_all(gate: Gate, addresses: list[str]) -> list[str]:
    """Those that were not refused."""
    sender = client(gate)
    escaped = []
    for url in addresses:
        for send in (sender.get(url), sender.post(url, b"{}")):
            try:
                await send
            except Refused:
                continue
            except PiSovereignError as error:
                if "resolve" in error.message:  # a name that nobody has
                    continue
            escaped.append(url)
    await sender.close()
    return escaped


def test_none_of_them_reaches_a_listening_socket() -> None:
    with trap() as listening:
        corpus = urls(listening.port)
        escaped = asyncio.run(_send_all(Gate(resolve=resolve), corpus))
        assert len(corpus) >= 300
        assert not escaped
        assert listening.hits == 0
        print(f"{len(corpus)} hostile URLs, {listening.hits} connections")


def test_the_trap_is_a_real_one() -> None:
    with trap() as listening:
        socket.create_connection(("127.0.0.1", listening.port), PATIENCE_S).close()
        socket.create_connection(("127.0.0.1", listening.port), PATIENCE_S).close()
        wait_until(lambda: listening.hits == 2, PATIENCE_S, "both are counted")


def test_sockets_for_threads_are_refused_alike() -> None:
    hosts = [host for address in ("127.0.0.1", "10.0.0.1") for host in spellings(address)]
    with trap() as listening:
        gate = Gate(resolve=resolve)
        for host in [*hosts, *ZONE, "", " ", "a b", "x" * 300, "127.0.0.1\r\n", "::1%lo"]:
            with pytest.raises(PiSovereignError):
                gate.create_socket(host, listening.port, 1.0)
        assert listening.hits == 0


def test_a_permission_for_one_host_is_not_one_for_others() -> None:
    with trap() as listening:
        gate = Gate([AllowedHost("caldav.home.example", 443)], resolve=resolve)
        corpus = urls(listening.port)
        assert not asyncio.run(_send_all(gate, corpus))
        assert listening.hits == 0


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://api.open-meteo.com/v1/forecast?latitude=1&x=a,b", "api.open-meteo.com", 443),
        ("https://API.Open-Meteo.com", "api.open-meteo.com", 443),
        ("http://nas:5232/a/b%20c/", "nas", 5232),
        ("https://[2606:2800:21F:cb07::1]:8443/", "2606:2800:21f:cb07::1", 8443),
        ("https://1.1.1.1/", "1.1.1.1", 443),
        ("https://xn--mnchen-3ya.example?x=1", "xn--mnchen-3ya.example", 443),
        ("https://a.example/p@th", "a.example", 443),
    ],
)
def test_honest_urls_are_read(url: str, host: str, port: int) -> None:
    target = parse_url(url)
    assert (target.host, target.port) == (host, port)
