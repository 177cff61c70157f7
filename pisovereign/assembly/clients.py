"""Clients of services outside, each made from a section of settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from pisovereign.assembly.infrastructure import CacheRegions
from pisovereign.assembly.live_home import HomeParts
from pisovereign.assembly.live_ntfy import NtfyParts
from pisovereign.assembly.live_telegram import TelegramParts
from pisovereign.assembly.live_whatsapp import WhatsAppParts
from pisovereign.config import (
    CaldavConfig,
    HomeAssistantConfig,
    NtfyConfig,
    TelegramConfig,
    WeatherConfig,
    WhatsAppConfig,
)
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.home_assistant.home import Home
from pisovereign.connectors.home_assistant.types import HomePolicy
from pisovereign.connectors.ntfy.channel import NtfyChoices
from pisovereign.connectors.ntfy.client import NtfyClient
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.weather.open_meteo import OpenMeteo
from pisovereign.connectors.weather.source import OpenMeteoSource, Place
from pisovereign.connectors.whatsapp.settings import load_settings
from pisovereign.health import CachedCheck
from pisovereign.locales import Zones
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls
from pisovereign.outbound.websocket import open_websocket
from pisovereign.webhooks.whatsapp.build import WhatsApp

if TYPE_CHECKING:
    from pisovereign.connectors.calendar.source import CalDavCalendar

# All states of a large house come in one message.
_MOST_HOME_BYTES = 32 * 1024 * 1024


def build_weather(
    settings: WeatherConfig, outbound: Outbound, cache: CacheRegions
) -> OpenMeteoSource:
    """Return the weather source; without a configured place it knows only those that are named."""
    place: Place | str | None = settings.location or None
    if settings.latitude is not None and settings.longitude is not None:
        here = f"{settings.latitude:g}, {settings.longitude:g}"
        place = Place(settings.location or here, settings.latitude, settings.longitude)
    service = OpenMeteo(
        outbound.client, settings.base_url, settings.geocoding_url, settings.timeout_s
    )
    return OpenMeteoSource(
        service,
        place,
        settings.cache_minutes * 60.0,
        weather=cache.weather,
        places=cache.places,
    )


def build_calendar(
    config: CaldavConfig, outbound: Outbound, owners: frozenset[UUID], zones: Zones
) -> CalDavCalendar | None:
    """Return the calendar source; None: not configured. `owners` are those who may read it."""
    if not config.url:
        return None
    # Imported here: the libraries take 20 MB.
    from pisovereign.connectors.calendar.client import Account, CalDavClient  # noqa: PLC0415
    from pisovereign.connectors.calendar.session import OutboundAccess  # noqa: PLC0415
    from pisovereign.connectors.calendar.source import CalDavCalendar  # noqa: PLC0415

    account = Account(
        url=config.url,
        username=config.username,
        password=config.password,
        calendars=config.calendars,
        default_calendar=config.default_calendar,
        task_lists=config.task_lists,
        default_task_list=config.default_task_list,
    )
    tls = Tls(config.ca_file) if config.ca_file else outbound.tls
    access = OutboundAccess(outbound.gate, outbound.breakers, tls)
    carddav: CalDavClient | None = None
    if config.contacts_url:
        books = Account(url=config.contacts_url, username=config.username, password=config.password)
        carddav = CalDavClient(books, access)
    return CalDavCalendar(
        CalDavClient(account, access),
        owners=owners,
        zones=zones,
        limit_s=config.timeout_s,
        carddav=carddav,
    )


def calendar_owners(named: Iterable[str], users: Sequence[UUID]) -> frozenset[UUID]:
    """Return whose calendars those of the configuration are."""
    # With several users and nobody named it is nobody's: not every key may read every calendar.
    if owners := frozenset(UUID(user) for user in named):
        return owners
    return frozenset(users) if len(users) == 1 else frozenset()


def ntfy_owners(config: NtfyConfig, users: Sequence[UUID]) -> frozenset[UUID]:
    """Return who is told by the topic of the configuration."""
    return calendar_owners((config.user_id,) if config.user_id else (), users)


def build_home(config: HomeAssistantConfig, outbound: Outbound) -> HomeParts | None:
    """Return the house; None: it is not configured."""
    if not config.url:
        return None
    url = f"{config.url.rstrip('/')}/api/websocket"
    home = Home(
        lambda: open_websocket(
            outbound.gate,
            outbound.tls,
            url,
            connect_s=config.timeout_s,
            most_bytes=_MOST_HOME_BYTES,
        ),
        config.token,
        config.timeout_s,
    )
    policy = HomePolicy(
        frozenset(config.without_approval), frozenset(config.always_ask), config.most_at_once
    )
    return HomeParts(home, policy, frozenset(UUID(user) for user in config.users))


def build_whatsapp(
    config: WhatsAppConfig, master_key: bytes, outbound: Outbound
) -> WhatsAppParts | None:
    """Return WhatsApp; None: it is not configured."""
    settings = load_settings(config)
    if settings is None:
        return None
    whatsapp = WhatsApp.build(config, settings, outbound, master_key)
    return WhatsAppParts(whatsapp, CachedCheck(whatsapp.client.check, bad_s=30.0))


def build_telegram(config: TelegramConfig, outbound: Outbound) -> TelegramParts | None:
    """Return a bot of Telegram's; None: it is not configured."""
    token = load_secret("telegram.bot_token", config.bot_token, config.bot_token_file)
    if not token:
        return None
    client = TelegramClient(outbound.client, config.api_url, token, config.timeout_s)
    return TelegramParts(client, config, CachedCheck(client.check, bad_s=30.0))


def build_ntfy(config: NtfyConfig, outbound: Outbound, owners: frozenset[UUID]) -> NtfyParts | None:
    """Return a topic of ntfy's; None: it is not configured. `owners` are those who are told."""
    if not config.topic:
        return None
    token = load_secret("ntfy.token", config.token, config.token_file)
    client = NtfyClient(outbound.client, config.server, config.topic, token, config.timeout_s)
    choices = NtfyChoices(
        priority=config.priority,
        show_text=config.show_text,
        show_approvals=config.show_approvals,
        page_url=config.page_url,
    )
    return NtfyParts(client, owners, choices, CachedCheck(client.check, bad_s=30.0))
