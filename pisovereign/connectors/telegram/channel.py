"""Telegram as a way of sending what is in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing, sending_failure
from pisovereign.connectors.splitting import LONGEST
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.types import Button
from pisovereign.errors import PiSovereignError, ServiceUnavailable, TelegramFailed

NOT_LINKED = "No Telegram account is linked: link yours on the page, under Settings"
_BUSY_S = 5.0
_REPAIR_S = 300.0  # until its owner may have repaired something


class Shown(NamedTuple):
    """What is shown of something that waits, and the buttons that decide it, if it can be there."""

    text: str
    buttons: Sequence[Button]


class Accounts(Protocol):
    """Knows the Telegram account of each user."""

    async def account(self, user: UUID) -> int | None:
        """Return the account that is linked; None: none is, or they may not use it any more.

        Raises:
            ServiceUnavailable: nobody knows now.
        """
        ...


class Asks(Protocol):
    """Shows what waits for a decision."""

    async def shown(self, user: UUID, approval: UUID, account: int) -> Shown | None:
        """Return what an account is shown; None: it does not wait any more.

        Raises:
            ServiceUnavailable: nobody knows now.
        """
        ...

    async def told(self, user: UUID, text: str) -> str:
        """Return what an owner is told of what waits for somebody else: the text, if it may be.

        Raises:
            ServiceUnavailable: nobody knows now.
        """
        ...


class TelegramChannel:
    """Sends texts to linked accounts, and to no other.

    Args:
        client: The bot.
        accounts: Whose account is whose.
        asks: Shows approvals.
    """

    name = "telegram"
    longest: int | None = LONGEST

    def __init__(self, client: TelegramClient, accounts: Accounts, asks: Asks) -> None:
        self._client = client
        self._accounts = accounts
        self._asks = asks
        self.limit_s = client.timeout_s + 10.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message; what was decided meanwhile is not asked for any more.

        Raises:
            NotSent: it certainly was not.
            MaybeSent: nobody knows.
        """
        try:
            account = await self._accounts.account(user)
            if account is None or message.to not in {"", str(account)}:
                raise NotSent(NOT_LINKED, again_s=None)
            shown: Shown | None = Shown(message.text, ())
            if message.about == "approval":
                shown = await self._asks.shown(user, message.subject, account)
            elif message.about == "supervised":
                shown = Shown(await self._asks.told(user, message.text), ())
        except ServiceUnavailable as error:
            raise NotSent(error.message, again_s=0.0) from None
        if shown is not None:
            await self._send(account, shown)

    async def _send(self, account: int, shown: Shown) -> None:
        try:
            await self._client.send(account, shown.text, shown.buttons)
        except TelegramFailed as error:
            raise _failure(error) from None
        except PiSovereignError as error:
            raise sending_failure(error) from None


def _failure(error: TelegramFailed) -> NotSent | MaybeSent:
    """Only the Bot API's own word says that a message was not taken."""
    if error.answered >= 500 or not error.own:
        return MaybeSent(error.message)
    if error.answered == 429:
        return NotSent(error.message, again_s=error.retry_after_s or _BUSY_S)
    if error.answered in (401, 404):
        return NotSent(error.message, again_s=_REPAIR_S)
    return NotSent(error.message, again_s=None)
