"""Mails as others read and write them, with the rules for the fields of one that is to be sent.

What a person approves must be what is sent. So nothing may be invisible, or change how the rest is
seen, and a field of one line cannot become two.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from pisovereign.validation import not_blank

MOST_RECIPIENTS = 10
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # words of some languages, and emoji, are written with them
_LINES = frozenset("\n\r\t")
MailId = Annotated[str, Meta(pattern=r"^[0-9]{1,10}-[0-9]{1,10}$")]


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail: who wrote about what, in one line in `headline`, and how its text begins."""

    id: str
    sender: str
    subject: str
    headline: str
    received_at: dt.datetime
    unread: bool
    important: bool
    preview: str = ""


class MailSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is in the inbox, and its newest mails, the newest first."""

    unread: int
    important: int
    mails: list[Mail]


class MailAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a mail, as the mail describes it; `size` in bytes, None where it is not known."""

    name: str
    kind: str
    size: int | None


class MailText(msgspec.Struct, frozen=True, kw_only=True):
    """A mail with its text, without anything that is invisible or leads elsewhere.

    `is_cut` says that the mail is longer than what was read of it.
    """

    id: str
    sender: str
    subject: str
    text: str
    attachments: list[MailAttachment]
    received_at: dt.datetime
    unread: bool
    is_cut: bool


class MailSource(Protocol):
    """The inbox of a user."""

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Return how many mails are unread and important, and the newest `count`, perhaps 0."""
        ...

    async def read(self, user: UUID, identifier: str) -> MailText:
        """Return one mail as text, by the id that a summary gave it; it stays unread."""
        ...


class OutgoingMail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail exactly as it will be sent, or put into the drafts, once somebody approved it.

    `in_reply_to` and `references` are message ids of the mail that it answers. `resembles` is not
    sent: it names recipients that are easily taken for somebody else, and for whom.
    """

    sender: str
    to: list[str]
    subject: str
    text: str
    in_reply_to: str | None = None
    references: list[str] = msgspec.field(default_factory=list)
    resembles: list[str] = msgspec.field(default_factory=list)


def split_recipients(value: str) -> list[str]:
    """Return the addresses of a list with commas, each once, with domains in the form that is sent.

    Raises:
        ValueError: one is no address; names it.
    """
    addresses = [checked_address(part) for part in value.split(",") if part.strip()]
    if not 1 <= len(addresses) <= MOST_RECIPIENTS:
        raise ValueError(f"must be 1 to {MOST_RECIPIENTS} addresses, with commas between them")
    return list(dict.fromkeys(addresses))


def checked_address(value: str) -> str:
    """Return a mail address in the form that every server takes.

    Raises:
        ValueError: it is none.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - as needed

    try:
        found = validate_email(
            value.strip(" "),
            allow_smtputf8=False,
            check_deliverability=False,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        shown = "".join(char if char.isprintable() else "?" for char in value.strip()[:100])
        raise ValueError(f"{shown!r} is not a mail address") from None
    address = found.ascii_email
    assert address is not None
    return address


def _recipients(value: str) -> str | None:
    """Return what is wrong with recipients; names of people are looked up later."""
    parts = [part for part in value.split(",") if part.strip()]
    addresses = [part for part in parts if "@" in part]
    try:
        if len(addresses) == len(parts):
            split_recipients(value)
        elif addresses:
            split_recipients(",".join(addresses))
    except ValueError as error:
        return str(error)
    if len(parts) > MOST_RECIPIENTS:
        return f"must be 1 to {MOST_RECIPIENTS} addresses, with commas between them"
    return _unseen(value, _JOINERS)


def _one_line(value: str) -> str | None:
    return _unseen(value, _JOINERS)


def _text(value: str) -> str | None:
    return _unseen(value, _JOINERS | _LINES)


def _unseen(value: str, allowed: frozenset[str]) -> str | None:
    for char in value:
        if unicodedata.category(char) in _UNSEEN and char not in allowed:
            return f"cannot hold the character U+{ord(char):04X}"
    return None


Recipients = Annotated[str, Meta(min_length=1, max_length=3_500, extra={"rules": (_recipients,)})]
Subject = Annotated[
    str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, _one_line)})
]
Body = Annotated[str, Meta(min_length=1, max_length=20_000, extra={"rules": (not_blank, _text)})]
