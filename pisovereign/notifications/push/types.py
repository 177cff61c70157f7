"""Browsers that want to be told, and what they are sent."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta


class PushKey(msgspec.Struct, frozen=True):
    """The public key of this program, as browsers ask for it: base64url of a point of P-256."""

    key: str


class PushKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a subscription, as a browser gives them in base64url."""

    p256dh: Annotated[str, Meta(max_length=128)]
    auth: Annotated[str, Meta(max_length=64)]


class NewSubscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser that wants to be told: what `PushSubscription.toJSON()` gives, and its language."""

    endpoint: Annotated[str, Meta(max_length=2000)]
    keys: PushKeys
    language: Annotated[str, Meta(max_length=8)] = "en"


class HeldWith(NamedTuple):
    """The session or stored key that a browser's subscription ends with."""

    session: UUID | None = None
    api_key: UUID | None = None


class Subscription(msgspec.Struct, frozen=True):
    """A browser that is told; `service` is the host of the push service that reaches it."""

    id: UUID
    service: str
    created_at: dt.datetime
    sent_at: dt.datetime | None = None


class Reached(msgspec.Struct, frozen=True):
    """How a browser is reached."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str
    language: str


class Notice(msgspec.Struct, frozen=True):
    """A notice in a browser: `tag` lets a newer one take the place of one about the same."""

    title: str
    body: str
    tag: str
    kind: str
