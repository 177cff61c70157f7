"""Composes the mails that actions send or store as drafts, exactly as a person approves them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import msgspec

from pisovereign.connectors.email.types import (
    Body,
    MailId,
    OutgoingMail,
    Recipients,
    Subject,
    checked_address,
    split_recipients,
)
from pisovereign.errors import FieldError, NotConfigured, NotFound, ValidationFailed
from pisovereign.text.cleaning import one_line
from pisovereign.text.untrusted import one_line as one_harmless_line

if TYPE_CHECKING:
    from pisovereign.connectors.email.message import ParsedMail
    from pisovereign.connectors.email.reader import MailReader

_LONGEST_SUBJECT = 200
_MOST_REFERENCES = 10
_REPLY_PREFIX = re.compile(r"^(?:re|aw|antw|sv|vs)\s*:", re.IGNORECASE)


class MailFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of a mail that is to be written."""

    to: Recipients | None = None
    subject: Subject | None = None
    body: Body
    reply_to: MailId | None = None


class Composer(Protocol):
    """A composer of mails. They are sent by the executors of approvals."""

    async def compose(self, user: UUID, fields: MailFields, *, draft: bool) -> OutgoingMail:
        """Return the mail that is asked for.

        Raises:
            ValidationFailed: Recipient or subject is missing, or there is no mail to reply to.
        """
        ...


class MailComposer:
    """Composes mails from one address.

    Args:
        reader: Knows whose mailbox it is, and finds the mail that is replied to.
        sender: The address that mails are from; None: not known.
        sends: Whether a server is configured that sends.
    """

    def __init__(self, reader: MailReader, sender: str | None, *, sends: bool) -> None:
        self._reader = reader
        self._sender = sender
        self._sends = sends

    async def compose(self, user: UUID, fields: MailFields, *, draft: bool) -> OutgoingMail:
        """Return the mail that is asked for.

        Raises:
            ValidationFailed: Recipient or subject is missing, or there is no mail to reply to.
            NotConfigured: Nothing sends, or the mailbox is not this user's.
            UpstreamError: The mail to reply to cannot be looked for.
        """
        self._reader.admit(user)
        if not draft and not self._sends:
            raise NotConfigured("Sending mail", "email.smtp_host")
        if self._sender is None:
            raise NotConfigured("Writing mail", "email.from_address")
        original = await self._original(user, fields.reply_to)
        to = _checked_recipients(fields.to) if fields.to else _reply_address(original)
        subject = fields.subject or (_reply_subject(original) if original else None)
        missing: list[FieldError] = []
        if not to:
            missing.append({"field": "to", "error": "is required"})
        if not subject:
            missing.append({"field": "subject", "error": "is required"})
        if missing or not subject:
            raise ValidationFailed(missing)
        return OutgoingMail(
            sender=self._sender,
            to=to,
            subject=subject,
            text=fields.body,
            in_reply_to=original.message_id if original else None,
            references=_references(original) if original else [],
        )

    async def _original(self, user: UUID, identifier: str | None) -> ParsedMail | None:
        if identifier is None:
            return None
        try:
            return await self._reader.find(user, identifier)
        except NotFound as error:
            raise ValidationFailed([{"field": "reply_to", "error": error.message}]) from None


def _checked_recipients(to: str) -> list[str]:
    try:
        return split_recipients(to)
    except ValueError as error:
        raise ValidationFailed([{"field": "to", "error": str(error)}]) from None


def _reply_address(original: ParsedMail | None) -> list[str]:
    """Return the address that replies to a mail go to; none if that is no address."""
    try:
        return [checked_address(original.reply_to)] if original else []
    except ValueError:
        return []


def _reply_subject(original: ParsedMail) -> str:
    subject = original.subject or "(no subject)"
    return one_line(subject if _REPLY_PREFIX.match(subject) else f"Re: {subject}", _LONGEST_SUBJECT)


def _references(original: ParsedMail) -> list[str]:
    own = [original.message_id] if original.message_id else []
    return [*original.references, *own][-_MOST_REFERENCES:]


def mail_line(mail: OutgoingMail) -> str:
    """Return `ada@example.org, bob@example.org: Numbers`."""
    return f"{one_harmless_line(', '.join(mail.to))}: {one_harmless_line(mail.subject)}"
