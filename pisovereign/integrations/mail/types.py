"""Mails, as whoever reads or writes them gets them."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.errors import NotConfigured


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail: who wrote about what, in one line in `headline`, and how its text begins."""

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


class MailSource(Protocol):
    """A user's inbox."""

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Unread and important mails, counted, and the newest `count`; 0: only counted."""
        ...


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail exactly as it will be sent, or put into the drafts, once somebody approved it.

    `in_reply_to` and `references` are message ids of the mail that it answers.
    """

    sender: str
    to: list[str]
    subject: str
    text: str
    in_reply_to: str | None = None
    references: list[str] = msgspec.field(default_factory=list)


class NoMail:
    """An inbox that is not configured."""

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Say so."""
        raise NotConfigured("Mail", "email.imap_host")
