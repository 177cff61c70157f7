"""Messages to be sent, and how that went."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import UUID

import msgspec

from pisovereign.connectors.registry import channels, ways
from pisovereign.connectors.sending import About

if TYPE_CHECKING:
    Channel: TypeAlias = str
    Way: TypeAlias = str
else:
    Channel = Literal[channels()]
    # How people are told: an event is its own delivery, the others leave the machine.
    Way = Literal[ways()]
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
