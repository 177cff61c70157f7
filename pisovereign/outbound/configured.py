"""Which hosts the configuration names. Only these may be on the local network, or use http."""

from __future__ import annotations

from collections.abc import Iterator

from pisovereign.config import Config, EmailConfig, WeatherConfig, WhatsAppConfig
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_url


def configured_hosts(config: Config) -> list[AllowedHost]:
    """Hosts of `outbound.allow_hosts`, and those in the addresses of the integrations."""
    named = [AllowedHost.parse(text) for text in config.outbound.allow_hosts]
    return [*named, *(_host_of(url) for url in _urls(config)), *_mail_hosts(config.email)]


def _urls(config: Config) -> Iterator[str]:
    """Addresses that somebody wrote into the configuration; a default is nobody's word."""
    if config.whatsapp.graph_url != WhatsAppConfig().graph_url:
        yield config.whatsapp.graph_url
    if config.inference.base_url:
        yield config.inference.base_url
    usual = WeatherConfig()
    if config.weather.base_url != usual.base_url:
        yield config.weather.base_url
    if config.weather.geocoding_url != usual.geocoding_url:
        yield config.weather.geocoding_url
    if config.caldav.url:
        yield config.caldav.url


def _mail_hosts(email: EmailConfig) -> Iterator[AllowedHost]:
    servers = (email.imap_address, email.smtp_address)
    return (AllowedHost(normalize_host(host), port) for host, port in servers if host)


def _host_of(url: str) -> AllowedHost:
    target = parse_url(url)
    return AllowedHost(target.host, target.port)
