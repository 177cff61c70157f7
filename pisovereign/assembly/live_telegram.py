"""Telegram as it is connected now: sending, and what is taken in and answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import overload
from uuid import UUID

from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.connectors.splitting import LONGEST
from pisovereign.connectors.telegram.channel import Accounts, Asks, TelegramChannel
from pisovereign.connectors.telegram.live import SETTING, LiveTelegram
from pisovereign.languages import Language
from pisovereign.telegram.answerer import Answerer
from pisovereign.telegram.poller import Poller
from pisovereign.telegram.presses import Presses


class LiveTelegramChannel:
    """A way of sending, by the bot that is connected now."""

    name = "telegram"
    longest: int | None = LONGEST

    def __init__(
        self, live: LiveTelegram, accounts: Accounts, asks: Asks, timeout_s: float
    ) -> None:
        self._live = live
        self._accounts = accounts
        self._asks = asks
        self.limit_s = timeout_s + 10.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        with self._live.using() as bot:
            if bot is None:
                raise NotSent(f"Telegram is not set up: set {SETTING}", again_s=None)
            await TelegramChannel(bot[0], self._accounts, self._asks).send(user, message)


class ServedUsers(Sequence[UUID]):
    """Those whose messages are answered: everybody, while there is a bot.

    Args:
        live: The bot.
        users: Everybody.
    """

    def __init__(self, live: LiveTelegram, users: Sequence[UUID]) -> None:
        self._live = live
        self._users = users

    def __len__(self) -> int:
        return len(self._now())

    @overload
    def __getitem__(self, index: int) -> UUID: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[UUID]: ...
    def __getitem__(self, index: int | slice) -> UUID | Sequence[UUID]:
        return self._now()[index]

    def _now(self) -> Sequence[UUID]:
        return tuple(self._users) if self._live.is_set_up() else ()


class TelegramWork:
    """What goes on beside the requests: asking, answering and deciding."""

    def __init__(self, poller: Poller, answerer: Answerer, presses: Presses) -> None:
        self._poller = poller
        self._answerer = answerer
        self._presses = presses

    def start(self) -> None:
        """Begin, on the running loop."""
        for part in (self._answerer, self._presses, self._poller):
            part.start()

    async def stop(self) -> None:
        """End."""
        for part in (self._poller, self._presses, self._answerer):
            await part.stop()

    async def changed(self, kind: str, owner: UUID) -> None:
        """Ask for the messages of the bot as it is now."""
        if kind == "telegram":
            self._poller.change()


def language_of(
    chosen: Callable[[UUID], Awaitable[str]], live: LiveTelegram
) -> Callable[[UUID], Awaitable[Language]]:
    """Return what tells a user's language: what they chose, else what the bot speaks."""

    async def language(user: UUID) -> Language:
        return await chosen(user) or live.config().language

    return language
