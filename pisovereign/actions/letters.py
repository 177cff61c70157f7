"""Mails that actions write, as letters that a person can approve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import msgspec

from pisovereign.errors import FieldError, NotConfigured, NotFound, ValidationFailed
from pisovereign.integrations.mail.plain import one_line
from pisovereign.integrations.mail.types import (
    Body,
    Letter,
    MailId,
    Recipients,
    Subject,
    checked_address,
    split_recipients,
)
from pisovereign.untrusted_text import one_line as one_harmless_line

if TYPE_CHECKING:
    from pisovereign.integrations.mail.message import ParsedMail
    from pisovereign.integrations.mail.reader import MailReader

_LONGEST_SUBJECT = 200
_MOST_REFERENCES = 10
_ANSWER = re.compile(r"^(?:re|aw|antw|sv|vs)\s*:", re.IGNORECASE)


class LetterFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a mail is asked for with."""

    to: Recipients | None = None
    subject: Subject | None = None
    body: Body
    reply_to: MailId | None = None


class Letters(Protocol):
    """What writes letters. Sending them is for whoever carries out approvals."""

    async def write(self, user: UUID, fields: LetterFields, *, draft: bool) -> Letter:
        """Return the letter that is asked for.

        Raises:
            ValidationFailed: Recipient or subject are missing, or there is no such mail to answer.
        """
        ...


class NoLetters:
    """A mailbox that is not configured."""

    async def write(self, user: UUID, fields: LetterFields, *, draft: bool) -> Letter:
        """Raise the error that names the missing setting."""
        raise NotConfigured("Mail", "email.imap_host" if draft else "email.smtp_host")


class LetterWriter:
    """Writes letters from one address.

    Args:
        reader: Knows whose mailbox it is, and finds what is answered.
        sender: The address that letters are from; None: not known.
        sends: Whether a server is configured that sends.
    """

    def __init__(self, reader: MailReader, sender: str | None, *, sends: bool) -> None:
        self._reader = reader
        self._sender = sender
        self._sends = sends

    async def write(self, user: UUID, fields: LetterFields, *, draft: bool) -> Letter:
        """Return the letter that is asked for.

        Raises:
            ValidationFailed: Recipient or subject are missing, or there is no such mail to answer.
            NotConfigured: Nothing sends, or the mailbox is not this user's.
            UpstreamError: What is to be answered cannot be looked for.
        """
        self._reader.admit(user)
        if not draft and not self._sends:
            raise NotConfigured("Sending mail", "email.smtp_host")
        if self._sender is None:
            raise NotConfigured("Writing mail", "email.from_address")
        answered = await self._answered(user, fields.reply_to)
        to = split_recipients(fields.to) if fields.to else _answer_to(answered)
        subject = fields.subject or (_answer_subject(answered) if answered else None)
        missing: list[FieldError] = []
        if not to:
            missing.append({"field": "to", "error": "is required"})
        if not subject:
            missing.append({"field": "subject", "error": "is required"})
        if missing or not subject:
            raise ValidationFailed(missing)
        return Letter(
            sender=self._sender,
            to=to,
            subject=subject,
            text=fields.body,
            in_reply_to=answered.message_id if answered else None,
            references=_references(answered) if answered else [],
        )

    async def _answered(self, user: UUID, identifier: str | None) -> ParsedMail | None:
        if identifier is None:
            return None
        try:
            return await self._reader.find(user, identifier)
        except NotFound as error:
            raise ValidationFailed([{"field": "reply_to", "error": error.message}]) from None


def _answer_to(answered: ParsedMail | None) -> list[str]:
    """Return the address that a mail wants its answer at; none if that is no address."""
    try:
        return [checked_address(answered.reply_to)] if answered else []
    except ValueError:
        return []


def _answer_subject(answered: ParsedMail) -> str:
    subject = answered.subject or "(no subject)"
    return one_line(subject if _ANSWER.match(subject) else f"Re: {subject}", _LONGEST_SUBJECT)


def _references(answered: ParsedMail) -> list[str]:
    own = [answered.message_id] if answered.message_id else []
    return [*answered.references, *own][-_MOST_REFERENCES:]


def letter_line(letter: Letter) -> str:
    """Return `ada@example.org, bob@example.org: Numbers`."""
    return f"{one_harmless_line(', '.join(letter.to))}: {one_harmless_line(letter.subject)}"
