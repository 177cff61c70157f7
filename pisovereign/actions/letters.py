"""Commands that write mails, as letters that a person can approve."""

from __future__ import annotations

import re
from typing import Protocol
from uuid import UUID

from pisovereign.actions.types import DraftEmail, SendEmail
from pisovereign.errors import FieldError, NotConfigured, NotFound, ValidationFailed
from pisovereign.integrations.mail.fields import checked_address, split_recipients
from pisovereign.integrations.mail.message import Read
from pisovereign.integrations.mail.plain import one_line
from pisovereign.integrations.mail.reader import MailReader
from pisovereign.integrations.mail.types import Letter

_LONGEST_SUBJECT = 200
_MOST_REFERENCES = 10
_ANSWER = re.compile(r"^(?:re|aw|antw|sv|vs)\s*:", re.IGNORECASE)


class Letters(Protocol):
    """What makes letters of commands. Sending them is for the executors of approvals."""

    async def prepare(self, user: UUID, command: SendEmail | DraftEmail) -> Letter:
        """The letter that a command asks for.

        Raises:
            ValidationFailed: recipient or subject are missing, or there is no such mail to answer.
        """
        ...


class NoLetters:
    """Nothing that could send."""

    async def prepare(self, user: UUID, command: SendEmail | DraftEmail) -> Letter:
        """Say so."""
        setting = "email.smtp_host" if isinstance(command, SendEmail) else "email.imap_host"
        raise NotConfigured("Mail", setting)


class LetterWriter:
    """Makes letters.

    Args:
        reader: Knows whose mailbox it is, and finds what is answered.
        sender: The address that letters are from; None: not known.
        sends: Whether a server is configured that sends.
    """

    def __init__(self, reader: MailReader, sender: str | None, *, sends: bool) -> None:
        self._reader = reader
        self._sender = sender
        self._sends = sends

    async def prepare(self, user: UUID, command: SendEmail | DraftEmail) -> Letter:
        """The letter that a command asks for; see `Letters`.

        Raises:
            ValidationFailed: recipient or subject are missing, or there is no such mail to answer.
            NotConfigured: nothing sends, or the mailbox is not this user's.
            UpstreamError: what is to be answered cannot be looked for.
        """
        self._reader.admit(user)
        if isinstance(command, SendEmail) and not self._sends:
            raise NotConfigured("Sending mail", "email.smtp_host")
        if self._sender is None:
            raise NotConfigured("Writing mail", "email.from_address")
        answered = await self._answered(user, command.reply_to)
        to = split_recipients(command.to) if command.to else _answer_to(answered)
        subject = command.subject or (_answer_subject(answered) if answered else None)
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
            text=command.body,
            in_reply_to=answered.message_id if answered else None,
            references=_references(answered) if answered else [],
        )

    async def _answered(self, user: UUID, identifier: str | None) -> Read | None:
        if identifier is None:
            return None
        try:
            return await self._reader.find(user, identifier)
        except NotFound as error:
            raise ValidationFailed([{"field": "reply_to", "error": error.message}]) from None


def _answer_to(answered: Read | None) -> list[str]:
    """The address that a mail wants its answer at; none if that is no address."""
    try:
        return [checked_address(answered.reply_to)] if answered else []
    except ValueError:
        return []


def _answer_subject(answered: Read) -> str:
    subject = answered.subject or "(no subject)"
    return one_line(subject if _ANSWER.match(subject) else f"Re: {subject}", _LONGEST_SUBJECT)


def _references(answered: Read) -> list[str]:
    own = [answered.message_id] if answered.message_id else []
    return [*answered.references, *own][-_MOST_REFERENCES:]
