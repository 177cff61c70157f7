"""The bot that is connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.live_parts import parts_of
from pisovereign.connectors.live_service import SharedService
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.settings import TelegramConfig
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound

SETTING = "telegram.bot_token"


class TelegramParts(NamedTuple):
    """A bot, its settings, and the check that asks it no more often than it should."""

    client: TelegramClient
    config: TelegramConfig
    health: CachedCheck

    async def probe(self) -> str:
        """Ask the bot now, and return in a few words what it answers."""
        return await self.client.probe()


def build(config: TelegramConfig, outbound: Outbound) -> TelegramParts | None:
    """Return a bot; None: it is not configured."""
    token = load_secret(SETTING, config.bot_token, config.bot_token_file)
    if not token:
        return None
    client = TelegramClient(outbound.client, config.api_url, token, config.timeout_s)
    return TelegramParts(client, config, CachedCheck(client.check, bad_s=30.0))


class LiveTelegram(SharedService[TelegramParts]):
    """The bot that is connected now."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__("telegram", "Telegram", SETTING, parts)
        self._otherwise: TelegramConfig = context.settings.base(kind)

    @contextmanager
    def using(self) -> Iterator[tuple[TelegramClient, int] | None]:
        """Hold the bot, and how long to wait for its messages; None: there is none."""
        with self._parts.using(HOUSEHOLD) as parts:
            yield None if parts is None else (parts.client, parts.config.poll_s)

    def config(self) -> TelegramConfig:
        """Return the settings that hold now."""
        parts = self._parts.current(HOUSEHOLD)
        return parts.config if parts else self._otherwise


def start(kind: ConnectionKind, context: Context) -> LiveTelegram:
    """Return the bot."""
    return LiveTelegram(kind, context)


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask the bot who it is."""
    parts = build(section, context.outbound)
    assert parts is not None
    probe = parts.client.probe
    return await try_probe(section.api_url, "sign_in", probe, context.outbound, words)
