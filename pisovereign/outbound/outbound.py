"""Everything that an integration needs to reach its server."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import aiohttp
import msgspec

from pisovereign.config import (
    Config,
    EmailConfig,
    NtfyConfig,
    TelegramConfig,
    WeatherConfig,
    WhatsAppConfig,
)
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_tcp, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate, gated_connector
from pisovereign.outbound.tls import Tls


def configured_hosts(config: Config) -> list[AllowedHost]:
    """Return the hosts of `outbound.allow_hosts`, and those in the addresses of the integrations.

    Only these may be on the local network, or use http.
    """
    named = [AllowedHost.parse(text) for text in config.outbound.allow_hosts]
    return [
        *named,
        *(_host_of(url) for url in _urls(config)),
        *_mail_hosts(config.email),
        *tcp_hosts(config.speech.to_text, config.speech.to_speech),
    ]


def _urls(config: Config) -> Iterator[str]:
    """Yield the addresses that somebody wrote into the configuration; defaults do not count."""
    if config.whatsapp.graph_url != WhatsAppConfig().graph_url:
        yield config.whatsapp.graph_url
    if config.telegram.api_url != TelegramConfig().api_url:
        yield config.telegram.api_url
    if config.ntfy.server != NtfyConfig().server:
        yield config.ntfy.server
    if config.inference.base_url:
        yield config.inference.base_url
    usual = WeatherConfig()
    if config.weather.base_url != usual.base_url:
        yield config.weather.base_url
    if config.weather.geocoding_url != usual.geocoding_url:
        yield config.weather.geocoding_url
    named = (
        config.caldav.url,
        config.caldav.contacts_url,
        config.updates.address,
        config.search.url,
        config.home_assistant.url,
        config.backup_webdav.url,
        config.backup_s3.endpoint,
    )
    yield from filter(None, named)


def _mail_hosts(email: EmailConfig) -> Iterator[AllowedHost]:
    servers = (email.imap_address, email.smtp_address)
    return (AllowedHost(normalize_host(host), port) for host, port in servers if host)


def tcp_hosts(*addresses: str) -> list[AllowedHost]:
    """Return the hosts of addresses such as `tcp://host:port`; empty ones are left out."""
    targets = [parse_tcp(address) for address in addresses if address]
    return [AllowedHost(target.host, target.port) for target in targets]


def _host_of(url: str) -> AllowedHost:
    target = parse_url(url)
    return AllowedHost(target.host, target.port)


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
