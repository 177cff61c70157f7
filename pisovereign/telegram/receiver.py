"""Takes in what happened at a bot, in the transaction that says how far it was taken in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from pisovereign.audit.service import AuditLog
from pisovereign.connectors.telegram.types import Message, Press, Update
from pisovereign.storage.pool import Connection, Database
from pisovereign.telegram.bot_store import BotStore
from pisovereign.telegram.inbox import Inbox
from pisovereign.telegram.links import BECOME, LinkStore

_log = logging.getLogger(__name__)
_START = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9-]{8,40})\s*")
_MOST_TRIES = 20  # codes of strangers that are looked at in one answer


class Receiver:
    """Stores what linked accounts write and press; everything else is ignored.

    Args:
        database: Where it is stored.
        bots: Who asks for which bot's messages.
        links: Whose account is whose.
        inbox: The queues.
        audit: Where it is told that an account was linked.
        wake: Called when there is something in them.
    """

    def __init__(
        self,
        *,
        database: Database,
        bots: BotStore,
        links: LinkStore,
        inbox: Inbox,
        audit: AuditLog,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._bots = bots
        self._links = links
        self._inbox = inbox
        self._audit = audit
        self._wake = wake

    async def take_in(self, bot: bytes, updates: Sequence[Update | int]) -> None:
        """Store updates; those that were stored before are not stored twice.

        Raises:
            NotHeld: another process asks for this bot's messages now; nothing was stored.
            ServiceUnavailable: the database is away; nothing was stored, or nobody knows.
        """
        numbers = [each if isinstance(each, int) else each.update_id for each in updates]
        tries = 0
        async with self._database.system() as connection:
            await self._bots.lock(connection, bot)
            for update in updates:
                if isinstance(update, int):
                    continue
                await connection.execute(BECOME, ("",))
                name = f"{bot.hex()} {update.update_id}"
                if update.callback_query is not None:
                    await self._press(connection, name, update.callback_query)
                elif update.message is not None and tries < _MOST_TRIES:
                    tries += await self._message(connection, name, update.message)
            await connection.execute(BECOME, ("",))
            await self._bots.advance(connection, bot, max(numbers) + 1)
            self._database.when_committed(connection, self._wake)

    async def _message(self, connection: Connection, name: str, message: Message) -> bool:
        """Store a message; return whether it was a stranger's try to be linked."""
        sender = message.sender
        if sender is None or sender.is_bot or message.chat.type != "private":
            return False
        if message.chat.id != sender.id:
            return False
        link = await self._links.of_account(connection, sender.id)
        if link is not None:
            if link.scopes:
                await connection.execute(BECOME, (str(link.user),))
                await self._inbox.add_message(connection, link.user, name, message)
            return False
        start = _START.fullmatch(message.text)
        if start is None:
            _log.info("ignored a Telegram message of an account that is not linked")
            return False
        user = await self._links.use_code(connection, start[1], sender)
        if user is not None:
            await self._inbox.add_linked(connection, user, name, message)
            await self._audit.add(
                connection,
                user,
                "created",
                by=None,
                kind="telegram_account",
                subject=str(user),
                what="the Telegram account that sent the code",
            )
        return True

    async def _press(self, connection: Connection, name: str, press: Press) -> None:
        message = press.message
        if message is None or message.chat.id != press.sender.id:
            return
        link = await self._links.of_account(connection, press.sender.id)
        if link is None or not link.scopes:
            _log.info("ignored a press on Telegram of an account that is not linked")
            return
        await connection.execute(BECOME, (str(link.user),))
        await self._inbox.add_press(connection, link.user, name, press)
