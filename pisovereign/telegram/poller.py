"""Asks Telegram for messages: one process for each bot, whatever others run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from hashlib import blake2b

from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.types import Update
from pisovereign.errors import PiSovereignError, TelegramFailed
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.storage.pool import Database
from pisovereign.telegram.bot_store import BotStore, NotHeld
from pisovereign.telegram.receiver import Receiver

_log = logging.getLogger(__name__)
LEASE_S = 15.0
_RENEW_S = 5.0
_IDLE_S = 30.0  # until it is looked again whether there is a bot
_OTHER_S = 5.0  # until it is looked again whether another process still asks
_MISTAKEN_S = 30.0  # after an answer that only a person can do something about
_MISTAKES = frozenset((401, 403, 404, 409))


class Poller:
    """The loop that asks.

    Args:
        bot: Holds the bot that is connected, and how long to wait for messages; None: none is.
        database: Where it is noted who asks.
        bots: The SQL of that.
        receiver: Takes in what comes.
        key: The master key, with which the bot's number is hashed.
    """

    def __init__(
        self,
        bot: Callable[[], AbstractContextManager[tuple[TelegramClient, int] | None]],
        *,
        database: Database,
        bots: BotStore,
        receiver: Receiver,
        key: bytes,
    ) -> None:
        self._bot = bot
        self._database = database
        self._bots = bots
        self._receiver = receiver
        self._key = key
        self._changed = asyncio.Event()
        self._held: bytes | None = None
        self._periodic = PeriodicTask(self._look, "Telegram messages wait", ending_s=0.5)
        self.start = self._periodic.start

    def change(self) -> None:
        """Ask for the messages of the bot that is connected now, and no longer of another."""
        self._changed.set()
        self._periodic.wake()

    async def stop(self) -> None:
        """End; what came and is not stored yet comes again."""
        self._changed.set()
        await self._periodic.stop()
        with suppress(PiSovereignError):  # then others wait until the lease ends
            await self._release()

    async def _look(self) -> float:
        self._changed.clear()
        with self._bot() as found:
            if found is None:
                await self._release()
                return _IDLE_S
            client, wait_s = found
            bot = blake2b(
                client.bot_id.encode(), key=self._key, digest_size=16, person=b"pisov-tg-bot"
            ).digest()
            if self._held not in {None, bot}:
                await self._release()
            try:
                return await self._ask(client, bot, wait_s)
            except NotHeld:
                self._held = None
                return _OTHER_S
            except TelegramFailed as error:
                if error.answered == 429:
                    return max(1.0, error.retry_after_s)
                if error.answered in _MISTAKES:
                    _log.warning("Telegram messages wait: %s", error.message)
                    return _MISTAKEN_S
                raise

    async def _ask(self, client: TelegramClient, bot: bytes, wait_s: int) -> float:
        async with self._database.system() as connection:
            following = await self._bots.hold(connection, bot, LEASE_S)
        self._held = bot
        updates = await self._waited(client, bot, following, wait_s)
        if updates:
            await self._receiver.take_in(bot, updates)
        return 0.0

    async def _waited(
        self, client: TelegramClient, bot: bytes, following: int | None, wait_s: int
    ) -> list[Update | int]:
        """Return what comes while the lease is renewed; nothing when the bot is changed."""
        asking = asyncio.create_task(client.updates(following, wait_s))
        changed = asyncio.create_task(self._changed.wait())
        try:
            while True:
                await asyncio.wait(
                    (asking, changed), timeout=_RENEW_S, return_when=asyncio.FIRST_COMPLETED
                )
                if asking.done():
                    return asking.result()
                if changed.done():
                    return []
                async with self._database.system() as connection:
                    await self._bots.hold(connection, bot, LEASE_S)
        finally:
            for task in (asking, changed):
                task.cancel()
            await asyncio.gather(asking, changed, return_exceptions=True)

    async def _release(self) -> None:
        if self._held is not None:
            async with self._database.system() as connection:
                await self._bots.release(connection, self._held)
            self._held = None
