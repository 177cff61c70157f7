"""The client of the Bot API: one bot, a few calls, and what it says of those that fail.

The token is part of each address. What the way out tells of a failure names the host alone, and
nothing here puts an address into an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from pisovereign.connectors.messaging import LARGEST_RECORDING, Button, MessengerFailed
from pisovereign.connectors.telegram.types import Sender, Update
from pisovereign.errors import PayloadTooLarge, UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

T = TypeVar("T")
_encoder = msgspec.json.Encoder()
_MOST_UPDATES = 50  # of one answer
_LONGEST_NOTE = 200  # characters of what is shown after a press
_WAY_S = 10.0  # beyond the time that an answer is waited for: for the way
_FILE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}")
_WANTED = ["message", "callback_query"]
_WEBHOOK_ELSEWHERE = (
    "Another program has set a webhook for this bot, so Telegram hands out no messages here: "
    "delete the webhook there (deleteWebhook), or make a bot of its own for this program"
)
_POLLED_ELSEWHERE = (
    "Another program asks for this bot's messages, and only one can: end it, or make a bot of "
    "its own for this program"
)
_TOKEN_REFUSED = "Telegram refuses the bot's token: set telegram.bot_token to a valid one"  # noqa: S105
_REFUSED = frozenset((401, 404))


class _Result(msgspec.Struct, frozen=True):
    ok: bool
    result: msgspec.Raw


class _Hook(msgspec.Struct, frozen=True):
    url: str = ""


class _File(msgspec.Struct, frozen=True):
    file_path: str = ""


class TelegramClient:
    """Asks and sends with the token of one bot.

    Args:
        client: The way out.
        api_url: Where the Bot API is.
        token: The bot's token.
        timeout_s: The longest time that one call takes, in seconds, but for waiting for messages.

    Attributes:
        bot_id: The number of the bot, which is the public part of its token.
    """

    def __init__(self, client: OutboundClient, api_url: str, token: str, timeout_s: float) -> None:
        self._client = client
        self._url = f"{api_url.rstrip('/')}/bot{token}"
        self._files_url = f"{api_url.rstrip('/')}/file/bot{token}"
        self.timeout_s = timeout_s
        self.bot_id = token.partition(":")[0]
        self._name = ""

    async def updates(self, offset: int | None, wait_s: int) -> list[Update | int]:
        """Wait for what happened, and return it in order.

        Args:
            offset: The first update that is wanted: earlier ones are forgotten there. None: all.
            wait_s: How long it is waited for, in whole seconds.

        Returns:
            What cannot be read is there by its number alone.

        Raises:
            MessengerFailed: The Bot API refuses.
            UpstreamError: It is away.
        """
        body = {"timeout": wait_s, "limit": _MOST_UPDATES, "allowed_updates": _WANTED}
        if offset is not None:
            body["offset"] = offset
        raw = await self._call("getUpdates", body, list[msgspec.Raw], wait_s + _WAY_S)
        return [update for each in raw if (update := _update(each)) is not None]

    async def send(self, chat: int, text: str, buttons: Sequence[Button] = ()) -> None:
        """Send a text as it is: nothing in it is read as formatting, and no link is fetched.

        Raises:
            MessengerFailed: It was refused, or nobody knows (where it is not the API's `own` word).
            UpstreamError: It is away, or nobody knows.
        """
        await self._call("sendMessage", _shown(chat, text, buttons), msgspec.Raw)

    async def edit(self, chat: int, message: int, text: str) -> None:
        """Show another text in the place of a message, without buttons."""
        body = _shown(chat, text, ()) | {"message_id": message}
        await self._call("editMessageText", body, msgspec.Raw)

    async def answer_press(self, press: str, text: str) -> None:
        """Show a short text to whoever pressed a button."""
        shown = text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 1] + "…"
        await self._call(
            "answerCallbackQuery", {"callback_query_id": press, "text": shown}, msgspec.Raw
        )

    async def show_typing(self, chat: int) -> None:
        """Show that an answer is being written."""
        await self._call("sendChatAction", {"chat_id": chat, "action": "typing"}, msgspec.Raw)

    async def recording(self, identifier: str) -> bytes:
        """Return a recording that somebody sent.

        Raises:
            PayloadTooLarge: It is larger than one is read.
            UpstreamError: It cannot be had.
        """
        found = await self._call("getFile", {"file_id": identifier}, _File)
        if not _FILE_PATH.fullmatch(found.file_path) or ".." in found.file_path:
            raise UpstreamError("Telegram names no file that could be fetched")
        reply = await self._client.get(
            f"{self._files_url}/{found.file_path}", timeout_s=self.timeout_s
        )
        if reply.status != 200:
            raise UpstreamError(f"Telegram answers with status {reply.status} instead of a file")
        if len(reply.body) > LARGEST_RECORDING:
            raise PayloadTooLarge("The recording is too large")
        return reply.body

    async def name(self) -> str:
        """Return the bot's user name, without `@`."""
        if not self._name:
            self._name = (await self._call("getMe", {}, Sender)).username
        return self._name

    async def probe(self) -> str:
        """Ask for the bot, and say which one it is.

        Raises:
            UpstreamError: The token does not work, a webhook is set, or the API is away.
        """
        me = await self._call("getMe", {}, Sender)
        self._name = me.username
        hook = await self._call("getWebhookInfo", {}, _Hook)
        if hook.url:
            raise UpstreamError(_WEBHOOK_ELSEWHERE)
        return f"is @{me.username}"

    async def _call(
        self, method: str, body: dict[str, Any], kind: type[T], timeout_s: float | None = None
    ) -> T:
        reply = await self._client.post(
            f"{self._url}/{method}",
            _encoder.encode(body),
            headers={"Content-Type": "application/json"},
            timeout_s=timeout_s or self.timeout_s,
        )
        if reply.status != 200:
            raise _failure_of(reply, method)
        try:
            answer = msgspec.json.decode(reply.body, type=_Result)
            if not answer.ok:
                raise _failure_of(reply, method)
            return msgspec.json.decode(answer.result, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise UpstreamError("Telegram answers in another form than the Bot API's") from None


def _shown(chat: int, text: str, buttons: Sequence[Button]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "chat_id": chat,
        "text": text,
        # Else Telegram would fetch the first address of each text.
        "link_preview_options": {"is_disabled": True},
    }
    if buttons:
        row = [{"text": button.text, "callback_data": button.data} for button in buttons]
        body["reply_markup"] = {"inline_keyboard": [row]}
    return body


class _Number(msgspec.Struct, frozen=True):
    update_id: int


def _update(raw: msgspec.Raw) -> Update | int | None:
    try:
        return msgspec.json.decode(raw, type=Update)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return msgspec.json.decode(raw, type=_Number).update_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class _Parameters(msgspec.Struct, frozen=True):
    """The parameters of a failure beside its text; `retry_after` is in seconds."""

    retry_after: float = 0.0


class _Failure(msgspec.Struct, frozen=True):
    """An answer that says no; its text may quote, so it is only looked at, and never shown."""

    ok: bool
    description: str = ""
    parameters: _Parameters = _Parameters()


def _failure_of(reply: Reply, method: str) -> MessengerFailed:
    """Return what is wrong with an answer that is no success."""
    try:
        failure = msgspec.json.decode(reply.body, type=_Failure)
        own = not failure.ok
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        failure, own = _Failure(ok=False), False
    wait_s = max(0.0, failure.parameters.retry_after)
    message = _explain(reply.status, failure, method)
    return MessengerFailed(message, reply.status, own=own, retry_after_s=wait_s)


def _explain(status: int, failure: _Failure, method: str) -> str:
    said = failure.description.lower()
    if status in _REFUSED:
        return _TOKEN_REFUSED
    if status == 409:
        return _WEBHOOK_ELSEWHERE if "webhook" in said else _POLLED_ELSEWHERE
    if status == 429:
        return "Telegram wants fewer messages for a while"
    if status == 403:
        return "Telegram does not let the bot write to this account: was the bot stopped there?"
    if status == 400 and "chat not found" in said:
        return "Telegram does not know the account any more: link it again"
    return f"Telegram answers {method} with status {status}"
