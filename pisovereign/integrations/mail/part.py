"""One part of a mail: its fields, and the bytes below them."""

from __future__ import annotations

import binascii
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Self

import msgspec

from pisovereign.integrations.mail.headers import MALFORMED, decode, raw
from pisovereign.integrations.mail.plain import one_line

_HEAD = re.compile(rb"(?:(?:[!-9;-~]+[ \t]*:|[ \t]|>?From )[^\n]*(?:\n|\Z))*")
_SPACED = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)
_LONGEST_HEAD = 256 * 1024
_BOUNDARY = re.compile(r"boundary\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)


def unify(data: bytes) -> bytes:
    """The same lines, each with a line feed at its end."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class Part(msgspec.Struct, frozen=True):
    """A mail, or what stands between two boundaries of one.

    Python's `email` reads the fields alone: it would read the whole tree at once, which takes
    minutes for some mails of a few kilobytes, since it asks each line about each boundary.
    """

    head: Message
    body: bytes

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Find where the fields end; see `unify`."""
        match = _HEAD.match(data, 0, _LONGEST_HEAD)
        end = match.end() if match else 0
        fields = _SPACED.sub(rb"\1:", data[:end])
        head = BytesParser(policy=compat32).parsebytes(fields, headersonly=True)
        return cls(head, data[end:].removeprefix(b"\n"))

    @property
    def kind(self) -> str:
        """The media type in lower case."""
        try:
            return self.head.get_content_type()
        except MALFORMED:
            return "text/plain"

    @property
    def charset(self) -> str | None:
        """What it says that its charset is."""
        try:
            value = self.head.get_param("charset")
        except MALFORMED:
            return None
        if isinstance(value, tuple):  # charset of the value, language, value
            value = value[2]
        return value if isinstance(value, str) else None

    @property
    def boundary(self) -> bytes:
        """What separates its parts; empty if it does not say."""
        try:
            value = self.head.get_boundary()
        except MALFORMED:
            value = "\ufffd"
        if value is not None and "\ufffd" in value:
            found = _BOUNDARY.search(raw(self.head, "Content-Type"))
            value = found[1] if found else None
        return (value or "").encode("utf-8", "surrogateescape")

    @property
    def disposition(self) -> str | None:
        """`inline`, `attachment`, or what else it says."""
        try:
            return self.head.get_content_disposition()
        except MALFORMED:
            return None

    @property
    def filename(self) -> str:
        """The name of a file, in one line; empty if it has none."""
        try:
            name = self.head.get_filename() or ""
        except MALFORMED:
            name = ""
        return one_line(decode(name[:1000]), 120)

    def decoded(self, most: int) -> bytes:
        """The bytes behind the transfer encoding, from at most `most` of them as sent.

        What is broken is read as far as it goes, or stays as it is.
        """
        data = self.body[:most]
        encoding = raw(self.head, "Content-Transfer-Encoding").lower()
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
    """The last one to three characters, padded; a single one says nothing."""
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
