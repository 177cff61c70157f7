"""One part of a mail: its header fields, read as far as they can be and bounded, and its body."""

from __future__ import annotations

import binascii
import datetime as dt
import email.errors
import email.header
import email.utils
import re
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import NamedTuple, Self

import msgspec

from pisovereign.text.cleaning import one_line
from pisovereign.text.html_text import decode_bytes

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
_HEAD = re.compile(rb"(?:(?:[!-9;-~]+[ \t]*:|[ \t]|>?From )[^\n]*(?:\n|\Z))*")
_SPACED = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)
_LONGEST_HEAD = 256 * 1024
_BOUNDARY = re.compile(r"boundary\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)


class Address(NamedTuple):
    """A person as a mail names them; both may be empty, and `address` is in lower case."""

    name: str
    address: str


def raw_header(message: Message, name: str) -> str:
    """Return the first field of a name as it was sent, unfolded; empty when there is none."""
    wanted = name.lower()
    for field, value in message.raw_items():
        if field.lower() == wanted:
            return re.sub(r"\r?\n[ \t]?|\r", " ", str(value)[:_LONGEST_LIST]).strip()
    return ""


def header_text(message: Message, name: str, most: int) -> str:
    """Return the first field of a name as people read it, in one line."""
    return one_line(decode_words(raw_header(message, name)[:_LONGEST_FIELD]), most)


def decode_words(value: str) -> str:
    """Decode encoded words and raw 8-bit characters."""
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
    """Return the text of a field whose bytes are not ASCII, which `email` keeps as surrogates."""
    if value.isascii():
        return value
    return decode_bytes(value.encode("utf-8", "surrogateescape"), None).text


def _piece(piece: bytes, charset: str | None) -> str:
    # What is outside of encoded words comes as Latin-1 of characters, or as escapes of them.
    if charset is None:
        return piece.decode("raw_unicode_escape", errors="replace")
    return decode_bytes(piece, charset.partition("*")[0]).text


def sender_of(message: Message) -> Address:
    """Return who a mail says that it is from."""
    found = parse_addresses([raw_header(message, "From") or raw_header(message, "Sender")])
    return found[0] if found else Address(header_text(message, "From", 200), "")


def parse_addresses(fields: Iterable[str]) -> list[Address]:
    """Return the people in address fields, in order, as far as they can be read."""
    people: list[Address] = []
    for field in fields:
        try:
            pairs = email.utils.getaddresses([_eight_bit(field[:_LONGEST_LIST])])
        except MALFORMED:
            continue
        for name, address in pairs:
            if name or address:
                shown = one_line(decode_words(name[:_LONGEST_FIELD]), 200)
                people.append(Address(shown, one_line(address, 320).lower()))
    return people[:_MOST_ADDRESSES]


def date_of(message: Message) -> dt.datetime | None:
    """Return when a mail says that it was written, in UTC; None when that makes no sense."""
    try:
        parsed = email.utils.parsedate_to_datetime(raw_header(message, "Date")[:200])
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except MALFORMED:
        return None
    return moment if _EARLIEST < moment < _LATEST else None


def parse_message_ids(value: str) -> list[str]:
    """Return the message ids in a field, each in its angle brackets, without anything else."""
    return _MESSAGE_ID.findall(value[:_LONGEST_LIST])


def normalize_lines(data: bytes) -> bytes:
    """Return the same lines, each with a line feed at its end."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class Part(msgspec.Struct, frozen=True):
    """A mail, or what is between two boundaries of one.

    Python's `email` reads the fields alone: it would read the whole tree at once, which takes
    minutes for some mails of a few kilobytes, since it asks each line about each boundary.
    """

    head: Message
    body: bytes

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Split fields and body; see `normalize_lines`."""
        match = _HEAD.match(data, 0, _LONGEST_HEAD)
        end = match.end() if match else 0
        fields = _SPACED.sub(rb"\1:", data[:end])
        head = BytesParser(policy=compat32).parsebytes(fields, headersonly=True)
        return cls(head, data[end:].removeprefix(b"\n"))

    @property
    def kind(self) -> str:
        """Return the media type in lower case."""
        try:
            return self.head.get_content_type()
        except MALFORMED:
            return "text/plain"

    @property
    def charset(self) -> str | None:
        """Return what it says that its charset is."""
        try:
            value = self.head.get_param("charset")
        except MALFORMED:
            return None
        if isinstance(value, tuple):  # charset of the value, language, value
            value = value[2]
        return value if isinstance(value, str) else None

    @property
    def boundary(self) -> bytes:
        """Return what separates its parts; empty if it does not say."""
        try:
            value = self.head.get_boundary()
        except MALFORMED:
            value = "\ufffd"
        if value is not None and "\ufffd" in value:
            found = _BOUNDARY.search(raw_header(self.head, "Content-Type"))
            value = found[1] if found else None
        return (value or "").encode("utf-8", "surrogateescape")

    @property
    def disposition(self) -> str | None:
        """Return `inline`, `attachment`, or what else it says."""
        try:
            return self.head.get_content_disposition()
        except MALFORMED:
            return None

    @property
    def filename(self) -> str:
        """Return the name of a file, in one line; empty if it has none."""
        try:
            name = self.head.get_filename() or ""
        except MALFORMED:
            name = ""
        return one_line(decode_words(name[:1000]), 120)

    def decoded(self, most: int) -> bytes:
        """Decode the transfer encoding of at most `most` bytes.

        What is broken is read as far as it goes, or stays as it is.
        """
        data = self.body[:most]
        encoding = raw_header(self.head, "Content-Transfer-Encoding").lower()
        try:
            if encoding.startswith("base64"):
                return _base64(data)
            if encoding.startswith("quoted-printable"):
                return binascii.a2b_qp(data)
            if encoding.startswith(("x-uu", "uuencode")):
                return _uuencoded(data)
        except ValueError:  # binascii's error is one
            return data
        return data


def _base64(data: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _rest(clean))


def _rest(clean: bytes) -> bytes:
    """Return the last one to three characters, padded; a single one says nothing."""
    left = len(clean) % 4
    return clean[-left:] + b"=" * (4 - left) if left > 1 else b""


def _uuencoded(data: bytes) -> bytes:
    decoded = bytearray()
    for line in data.partition(b"\nbegin ")[2].split(b"\n")[1:] or data.split(b"\n")[1:]:
        if line.strip() in {b"end", b"`", b""}:
            break
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        decoded += binascii.a2b_uu(line[:length])
    return bytes(decoded)
