"""Everything that an integration needs to reach its server."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import aiohttp
import msgspec

from pisovereign.config import Config
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate, gated_connector
from pisovereign.outbound.tls import Tls


def configured_hosts(config: Config) -> list[AllowedHost]:
    """Return the hosts of `outbound.allow_hosts`, and of what the program itself asks.

    Only these, and those of connectors, may be on the local network, or use http.
    """
    named = [AllowedHost.parse(text) for text in config.outbound.allow_hosts]
    targets = map(parse_url, filter(None, (config.inference.base_url, config.updates.address)))
    return [*named, *(AllowedHost(target.host, target.port) for target in targets)]


class Outbound:
    """Gate, breakers, TLS and HTTP client of one process, made from the configuration.

    Libraries with connections of their own work in threads: they take their sockets from
    `gate.create_socket`, wrap them with `tls.context`, and run inside `breakers.guard`.

    Args:
        config: The checked configuration.
        named: The servers that it names for connectors.
    """

    def __init__(self, config: Config, named: Sequence[AllowedHost] = ()) -> None:
        settings = config.outbound
        hosts = [*configured_hosts(config), *named]
        self.gate = Gate(hosts, timeout_s=settings.connect_timeout_s)
        self.breakers = Breakers(
            failures=settings.breaker_failures, pause_s=settings.breaker_pause_s
        )
        self.tls = Tls(settings.ca_file)
        self._limits = Limits(
            connect_s=settings.connect_timeout_s,
            total_s=settings.timeout_s,
            response_bytes=settings.response_limit_bytes,
            tries=settings.tries,
        )
        self.client = OutboundClient(self.gate, self.breakers, self.tls, self._limits)

    def afresh(self) -> Outbound:
        """Return the same way out with one try, which knows of no earlier failures: for tests.

        Its `client` is closed by whoever asked for it.
        """
        other = copy.copy(self)
        other.breakers = Breakers()
        limits = msgspec.structs.replace(self._limits, tries=1)
        other.client = OutboundClient(self.gate, other.breakers, self.tls, limits)
        return other

    def connector(self, keepalive_s: float) -> aiohttp.TCPConnector:
        """Return a connector without a limit in number, for the server in place of the engine."""
        return gated_connector(
            self.gate, self.tls.context, limit=0, limit_per_host=0, keepalive_s=keepalive_s
        )

    async def close(self) -> None:
        """Close all connections of the client."""
        await self.client.close()
        self.gate.close()
