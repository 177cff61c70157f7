"""Header fields of mails that anybody wrote: read as far as they can be, and bounded."""

from __future__ import annotations

import binascii
import datetime as dt
import email.errors
import email.header
import email.utils
import re
from collections.abc import Iterable
from email.message import Message
from typing import NamedTuple

from pisovereign.integrations.mail import charsets
from pisovereign.integrations.mail.plain import one_line

# What Python's `email` raises on input that is broken enough. It was written for its users' own
# mails: `None < 2` in the continuation of a parameter, or a comment in a thousand comments.
MALFORMED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

# Reading takes the square of the length of the worst fields.
_LONGEST_FIELD = 4_000
_LONGEST_LIST = 8_000
_MOST_ADDRESSES = 100
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\x9f]{1,900}>")
_EARLIEST = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


class Sender(NamedTuple):
    """Somebody, as a mail names them; both may be empty, and `address` is in lower case."""

    name: str
    address: str


def raw(message: Message, name: str) -> str:
    """The first field of a name as it was sent, unfolded; empty when there is none."""
    wanted = name.lower()
    for field, value in message.raw_items():
        if field.lower() == wanted:
            return re.sub(r"\r?\n[ \t]?|\r", " ", str(value)[:_LONGEST_LIST]).strip()
    return ""


def text(message: Message, name: str, most: int) -> str:
    """The first field of a name as people read it, in one line."""
    return one_line(decode(raw(message, name)[:_LONGEST_FIELD]), most)


def decode(value: str) -> str:
    """Encoded words and raw 8-bit characters to text."""
    value = _eight_bit(value)
    if "=?" not in value:
        return value
    try:
        pieces = email.header.decode_header(value)
    except (*MALFORMED, binascii.Error, email.errors.MessageError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _piece(piece, charset) for piece, charset in pieces
    )


def _eight_bit(value: str) -> str:
    """The text of a field with bytes that are no ASCII, which `email` keeps as surrogates."""
    if value.isascii():
        return value
    return charsets.decode(value.encode("utf-8", "surrogateescape"), None).text


def _piece(piece: bytes, charset: str | None) -> str:
    # What is outside of encoded words comes as Latin-1 of characters, or as escapes of them.
    if charset is None:
        return piece.decode("raw_unicode_escape", errors="replace")
    return charsets.decode(piece, charset.partition("*")[0]).text


def sender(message: Message) -> Sender:
    """Who a mail says that it is from."""
    found = addresses([raw(message, "From") or raw(message, "Sender")])
    return found[0] if found else Sender(text(message, "From", 200), "")


def addresses(fields: Iterable[str]) -> list[Sender]:
    """The people in address fields, in order, as far as they can be read."""
    people: list[Sender] = []
    for field in fields:
        try:
            pairs = email.utils.getaddresses([_eight_bit(field[:_LONGEST_LIST])])
        except MALFORMED:
            continue
        for name, address in pairs:
            if name or address:
                shown = one_line(decode(name[:_LONGEST_FIELD]), 200)
                people.append(Sender(shown, one_line(address, 320).lower()))
    return people[:_MOST_ADDRESSES]


def date(message: Message) -> dt.datetime | None:
    """When a mail says that it was written, in UTC; None when it does not say so sensibly."""
    try:
        parsed = email.utils.parsedate_to_datetime(raw(message, "Date")[:200])
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except MALFORMED:
        return None
    return moment if _EARLIEST < moment < _LATEST else None


def message_ids(value: str) -> list[str]:
    """The message ids in a field, each in its angle brackets, without anything else."""
    return _MESSAGE_ID.findall(value[:_LONGEST_LIST])
