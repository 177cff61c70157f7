"""The gate, in the form in which aiohttp asks for addresses."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from pisovereign.outbound.gate import Gate


class GateResolver(AbstractResolver):
    """Tells aiohttp the addresses that the gate lets it connect to."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def resolve(  # noqa: D102 - the interface of aiohttp
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

    async def close(self) -> None:  # noqa: D102 - the interface of aiohttp
        pass
