"""The contract of a way of sending: its messages, and how it says that it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from pisovereign.errors import (
    AnswerRefused,
    HostPaused,
    HostUnreached,
    NotConfigured,
    PiSovereignError,
    Refused,
)

About = Literal["reminder", "answer", "task", "approval", "supervised", "backup", "update", "test"]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be sent now; `tries` counts this one too."""

    id: UUID
    about: About
    subject: UUID
    to: str
    text: str
    tries: int


class NotSent(Exception):
    """The message certainly did not get through.

    Args:
        reason: One sentence for the user, without any of the message.
        again_s: When to try again, in seconds; None: it would fail again.
    """

    def __init__(self, reason: str, *, again_s: float | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again_s = again_s


class MaybeSent(Exception):
    """The message was handed over, and nobody knows what became of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SendingChannel(Protocol):
    """A way of sending."""

    name: str
    limit_s: float
    """The longest time that one `send` takes, in seconds."""
    longest: int | None
    """Most units of UTF-16 in a message: longer texts become several. None: no limit."""

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message; it was sent when this returns.

        Raises:
            NotSent: it certainly was not.
            MaybeSent: nobody knows. Every other error counts as this one.
        """
        ...


def sending_failure(error: PiSovereignError) -> NotSent | MaybeSent:
    """Return whether a message certainly did not get through, by what a POST ended with."""
    match error:
        case AnswerRefused():
            return MaybeSent(error.message)
        case HostPaused():
            return NotSent(error.message, again_s=error.retry_after)
        case NotConfigured():
            return NotSent(error.message, again_s=None)
        case HostUnreached() | Refused():
            return NotSent(error.message, again_s=0.0)
        case _:
            return MaybeSent(error.message)


def retry_after(headers: Mapping[str, str], otherwise: float = 0.0) -> float:
    """Return the seconds of a `Retry-After`; `otherwise` where there is none, or it is a date."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise
