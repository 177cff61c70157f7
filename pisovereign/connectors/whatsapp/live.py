"""The number that is connected now."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.live_parts import parts_of
from pisovereign.connectors.live_service import SharedService
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.whatsapp.graph import GraphClient
from pisovereign.connectors.whatsapp.people import People
from pisovereign.connectors.whatsapp.secrets import Settings, load_settings
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig
from pisovereign.connectors.words import Words
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound

SETTING = "whatsapp.phone_number_id"


class WhatsAppParts(NamedTuple):
    """A number, who may write to it, and the check that asks no more often than it should."""

    config: WhatsAppConfig
    settings: Settings
    people: People
    client: GraphClient
    health: CachedCheck

    async def probe(self) -> str:
        """Ask now, and return in a few words what is answered."""
        return await self.client.probe()


def build(config: WhatsAppConfig, outbound: Outbound) -> WhatsAppParts | None:
    """Return a number; None: it is not configured."""
    settings = load_settings(config)
    if settings is None:
        return None
    client = GraphClient(outbound.client, settings.url, settings.access_token, config.timeout_s)
    health = CachedCheck(client.check, bad_s=30.0)
    return WhatsAppParts(config, settings, People(config.senders), client, health)


class LiveWhatsApp(SharedService[WhatsAppParts]):
    """The number that is connected now."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__("whatsapp", "WhatsApp", SETTING, parts)

    def current(self) -> WhatsAppParts | None:
        """Return the number; None: there is none."""
        return self._parts.current(HOUSEHOLD)

    def reaches(self, user: UUID) -> bool:
        """Return whether somebody's number is listed."""
        parts = self.current()
        return parts is not None and parts.people.phone(user) is not None


def start(kind: ConnectionKind, context: Context) -> LiveWhatsApp:
    """Return the number."""
    return LiveWhatsApp(kind, context)


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask what number it is; nothing is sent."""
    parts = build(section, context.outbound)
    assert parts is not None
    probe = parts.client.probe
    return await try_probe(section.graph_url, "sign_in", probe, context.outbound, words)
