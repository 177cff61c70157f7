"""The bot that is connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.messaging import MessengerFailed, Shown, Source, Traits
from pisovereign.connectors.messenger_service import MessengerService
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing, sending_failure
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.settings import TelegramConfig
from pisovereign.connectors.telegram.updates import Updates
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import PiSovereignError
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound

SETTING = "telegram.bot_token"
_BUSY_S = 5.0
_REPAIR_S = 300.0  # until its owner may have repaired something


class TelegramParts(NamedTuple):
    """A bot, its settings, and the check that asks it no more often than it should."""

    client: TelegramClient
    config: TelegramConfig
    health: CachedCheck
    probe: Probe


def build(config: TelegramConfig, outbound: Outbound) -> TelegramParts | None:
    """Return a bot; None: it is not configured."""
    token = load_secret(SETTING, config.bot_token, config.bot_token_file)
    if not token:
        return None
    client = TelegramClient(outbound.client, config.api_url, token, config.timeout_s)
    return TelegramParts(client, config, CachedCheck(client.probe, bad_s=30.0), client.probe)


class ConnectedTelegram(MessengerService[TelegramParts]):
    """The bot that is connected now; a `Messenger` that is polled, has buttons, and links."""

    # Telegram shows for five seconds that something is being written.
    traits = Traits(hashed_as=b"pisov-tg", typing_s=4.5)

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__(kind, context, "Telegram", SETTING, parts)

    def reaches(self, user: UUID) -> bool:
        """Return whether there is a bot: everybody may link their account with it."""
        return self.is_set_up()

    def shows_approvals(self) -> bool:
        """Return whether it may show what waits for an approval."""
        shows: bool = self.config().show_approvals
        return shows

    @contextmanager
    def source(self) -> Iterator[Source | None]:
        """Hold the bot; None: there is none."""
        with self._parts.using(HOUSEHOLD) as parts:
            yield parts and Updates(parts.client, parts.config.poll_s)

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        """Send a message.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        try:
            with self.required() as parts:
                await parts.client.send(int(address), shown.text, shown.buttons)
        except MessengerFailed as error:
            raise _failure(error) from None
        except PiSovereignError as error:
            raise sending_failure(error) from None

    async def show_read(self, message: str) -> None:
        """Do nothing: bots cannot show that."""

    async def show_typing(self, address: str) -> None:
        """Show somebody that an answer is being written."""
        with self.required() as parts:
            await parts.client.show_typing(int(address))

    async def answer_press(self, press: str, note: str) -> None:
        """Show a short note to whoever pressed a button."""
        with self.required() as parts:
            await parts.client.answer_press(press, note)

    async def edit(self, address: str, message: str, text: str) -> None:
        """Show another text in the place of a message, without buttons."""
        with self.required() as parts:
            await parts.client.edit(int(address), int(message), text)

    async def link_of(self, code: str) -> tuple[str, str]:
        """Return the bot's name, and an address that opens it and sends it a code.

        Raises:
            NotConfigured: There is no bot.
            UpstreamError: It cannot be asked for its name.
        """
        with self.required() as parts:
            name = await parts.client.name()
        return name, f"https://t.me/{name}?start={code}"


start = ConnectedTelegram


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask the bot who it is."""
    parts = build(section, context.outbound)
    assert parts is not None
    return await try_probe(section.api_url, "sign_in", parts.probe, context.outbound, words)


def _failure(error: MessengerFailed) -> NotSent | MaybeSent:
    """Only the Bot API's own word says that a message was not taken."""
    if error.answered >= 500 or not error.own:
        return MaybeSent(error.message)
    if error.answered == 429:
        return NotSent(error.message, again_s=error.retry_after_s or _BUSY_S)
    if error.answered in (401, 404):
        return NotSent(error.message, again_s=_REPAIR_S)
    return NotSent(error.message, again_s=None)
