"""What is sent, and how that went."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

Channel = Literal["whatsapp", "telegram", "ntfy", "mail", "push"]
# How people are told: an event is its own delivery, the others leave the machine.
Way = Literal["events", Channel]
About = Literal["reminder", "answer", "task", "approval", "supervised", "backup", "update", "test"]
State = Literal["waiting", "sending", "sent", "uncertain", "failed"]


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent.

    `about` and `subject` say what it is about, `number` tells several messages about that apart:
    with the same two it is stored, and sent, once. `to` is the address, empty for the
    user's own. After `expires_s` seconds it is no longer worth sending.
    """

    channel: Channel
    about: About
    subject: UUID
    number: int
    text: str
    to: str = ""
    expires_s: float = 86_400.0


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is to be sent now; `tries` counts this one too."""

    id: UUID
    about: About
    subject: UUID
    to: str
    text: str
    tries: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How far a message got; `error` says why not further."""

    channel: Channel
    status: State
    at: dt.datetime
    error: str | None = None


class DeliveryFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a message was not sent (`failed`), or that nobody knows (`uncertain`)."""

    channel: Channel
    about: About
    subject: UUID
    status: Literal["uncertain", "failed"]
    error: str
