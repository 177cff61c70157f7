"""Updates of a bot, as messages and presses of people."""

from __future__ import annotations

import datetime as dt
import re

from pisovereign.connectors.messaging import (
    LONGEST_TEXT,
    Batch,
    Incoming,
    Kind,
    MessengerFailed,
    Press,
)
from pisovereign.connectors.telegram import types
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.types import Message, Update

_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9-]{8,40})\s*$|.*)", re.DOTALL)
_MOST_DATA = 64  # bytes that a button carries
_MISTAKES = frozenset((401, 403, 404, 409))
# Telegram goes on with any number when nothing happened for a week: an old one is not asked with.
_STALE_S = 5 * 86_400.0


class Updates:
    """The updates of one bot, as they are asked for; a `Source`.

    Args:
        client: The bot.
        wait_s: How long one question waits for something, in whole seconds.
    """

    stale_s: float | None = _STALE_S

    def __init__(self, client: TelegramClient, wait_s: int) -> None:
        self._client = client
        self._wait_s = wait_s

    async def account(self) -> str:
        """Return the number of the bot."""
        return self._client.bot_id

    async def receive(self, position: str | None) -> Batch:
        """Wait for what happens; `position` is the first number that is wanted.

        Raises:
            Later: Telegram wants to be left alone, or the bot cannot be asked.
            UpstreamError: It is away.
        """
        try:
            updates = await self._client.updates(int(position) if position else None, self._wait_s)
        except MessengerFailed as error:
            raise error.later(_MISTAKES) from None
        if not updates:
            return Batch((), position)
        numbers = [each if isinstance(each, int) else each.update_id for each in updates]
        events = [
            event
            for each in updates
            if not isinstance(each, int)
            and (event := _event(self._client.bot_id, each)) is not None
        ]
        return Batch(events, str(max(numbers) + 1))


def _event(bot: str, update: Update) -> Incoming | Press | None:
    """Return what a person did alone with the bot; None for all else."""
    if update.callback_query is not None:
        return _press(update.callback_query)
    message = update.message
    if message is None or message.sender is None or message.sender.is_bot:
        return None
    if message.chat.type != "private" or message.chat.id != message.sender.id:
        return None
    return _incoming(f"{bot} {update.update_id}", message, message.sender)


def _press(press: types.Press) -> Press | None:
    message = press.message
    if message is None or message.chat.id != press.sender.id:
        return None
    return Press(
        id=press.id,
        address=str(press.sender.id),
        message=str(message.message_id),
        data=press.data[:_MOST_DATA],
    )


def _incoming(name: str, message: Message, sender: types.Sender) -> Incoming:
    kind, text = _read(message)
    voice = message.voice if kind == "voice" else None
    return Incoming(
        id=name,
        address=str(message.chat.id),
        kind=kind,
        text=text,
        sent_at=_moment(message.date),
        recording=voice.file_id if voice else "",
        size=voice.file_size if voice else 0,
        name=f"@{sender.username}" if sender.username else sender.first_name,
    )


def _read(message: Message) -> tuple[Kind, str]:
    """Return what a message is, and its text, or the code that links an account."""
    if message.forward_origin is not None or message.via_bot is not None:
        return "forwarded", ""  # somebody else's words are not the user's
    if start := _START.fullmatch(message.text):
        return "linked", start[1] or ""
    text = message.text.replace("\0", "")[:LONGEST_TEXT]
    if text.strip():
        return "text", text
    return ("voice" if message.voice else "other"), ""


def _moment(seconds: int) -> dt.datetime:
    """Telegram's time, in seconds since 1970; never later than now."""
    now = dt.datetime.now(dt.UTC)
    if not 0 < seconds < now.timestamp():
        return now
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
