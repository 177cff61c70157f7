"""Everything that an integration needs to reach its server."""

from __future__ import annotations

import aiohttp

from pisovereign.config import Config
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.configured import configured_hosts
from pisovereign.outbound.connector import gated_connector
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls


class Outbound:
    """Gate, breakers, TLS and HTTP client of one process, made from the configuration.

    Libraries with connections of their own work in threads: they take their sockets from
    `gate.create_socket`, wrap them with `tls.context`, and run inside `breakers.guard`.
    """

    def __init__(self, config: Config) -> None:
        settings = config.outbound
        self.gate = Gate(configured_hosts(config), timeout_s=settings.connect_timeout_s)
        self.breakers = Breakers(
            failures=settings.breaker_failures, pause_s=settings.breaker_pause_s
        )
        self.tls = Tls(settings.ca_file)
        self.client = OutboundClient(
            self.gate,
            self.breakers,
            self.tls,
            Limits(
                connect_s=settings.connect_timeout_s,
                total_s=settings.timeout_s,
                response_bytes=settings.response_limit_bytes,
                tries=settings.tries,
            ),
        )

    def connector(self, keepalive_s: float) -> aiohttp.TCPConnector:
        """Connections without a limit in number, for the server in place of the engine."""
        return gated_connector(
            self.gate, self.tls.context, limit=0, limit_per_host=0, keepalive_s=keepalive_s
        )

    async def close(self) -> None:
        """Close all connections of the client."""
        await self.client.close()
        self.gate.close()
