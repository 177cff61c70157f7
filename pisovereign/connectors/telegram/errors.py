"""How the Bot API says that something did not work, in words that hold no token."""

from __future__ import annotations

import msgspec

from pisovereign.connectors.messaging import MessengerFailed
from pisovereign.outbound.reply import Reply

WEBHOOK_ELSEWHERE = (
    "Another program has set a webhook for this bot, so Telegram hands out no messages here: "
    "delete the webhook there (deleteWebhook), or make a bot of its own for this program"
)
POLLED_ELSEWHERE = (
    "Another program asks for this bot's messages, and only one can: end it, or make a bot of "
    "its own for this program"
)
TOKEN_REFUSED = "Telegram refuses the bot's token: set telegram.bot_token to a valid one"  # noqa: S105
_REFUSED = frozenset((401, 404))


class Parameters(msgspec.Struct, frozen=True):
    """The parameters of a failure beside its text; `retry_after` is in seconds."""

    retry_after: float = 0.0


class Failure(msgspec.Struct, frozen=True):
    """An answer that says no; its text may quote, so it is only looked at, and never shown."""

    ok: bool
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()


def failure_of(reply: Reply, method: str) -> MessengerFailed:
    """Return what is wrong with an answer that is no success."""
    try:
        failure = msgspec.json.decode(reply.body, type=Failure)
        own = not failure.ok
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        failure, own = Failure(ok=False), False
    wait_s = max(0.0, failure.parameters.retry_after)
    message = _explain(reply.status, failure, method)
    return MessengerFailed(message, reply.status, own=own, retry_after_s=wait_s)


def _explain(status: int, failure: Failure, method: str) -> str:
    said = failure.description.lower()
    if status in _REFUSED:
        return TOKEN_REFUSED
    if status == 409:
        return WEBHOOK_ELSEWHERE if "webhook" in said else POLLED_ELSEWHERE
    if status == 429:
        return "Telegram wants fewer messages for a while"
    if status == 403:
        return "Telegram does not let the bot write to this account: was the bot stopped there?"
    if status == 400 and "chat not found" in said:
        return "Telegram does not know the account any more: link it again"
    return f"Telegram answers {method} with status {status}"
