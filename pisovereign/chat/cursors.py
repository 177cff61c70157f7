"""Where a page of a list ended, as its readers give it back: opaque to them, checked by us."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from pisovereign.errors import ValidationFailed

T = TypeVar("T")
Seq = Annotated[int, Meta(ge=0, le=2**62)]


class ListPlace(NamedTuple):
    """A place in the list of conversations: behind this one."""

    pinned: bool
    updated_at: Annotated[dt.datetime, Meta(tz=True)]
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]


class MessagePlace(NamedTuple):
    """A place in a conversation: before the message of this turn, by the seq of its question."""

    turn: Seq
    seq: Seq


def write_cursor(place: tuple[object, ...]) -> str:
    """Return a place as text for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str, kind: type[T]) -> T:
    """Return the place that `write_cursor` made a text of.

    Raises:
        ValidationFailed: it did not.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(data, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise ValidationFailed(
            [{"field": "cursor", "error": "must be one that an answer gave"}]
        ) from None
