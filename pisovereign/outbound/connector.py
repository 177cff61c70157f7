"""Connections of aiohttp that lead only where the gate lets them."""

from __future__ import annotations

import socket
import ssl

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pisovereign.outbound.gate import Gate


def gated_connector(
    gate: Gate,
    context: ssl.SSLContext,
    *,
    limit: int,
    limit_per_host: int,
    keepalive_s: float,
) -> aiohttp.TCPConnector:
    """Connects to judged addresses and verifies certificates; a limit of 0 is none.

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
