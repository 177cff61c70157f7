"""The mailboxes that are connected now, each person's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from pisovereign.actions.mail_composer import MailFields
from pisovereign.assembly.live_parts import LiveParts
from pisovereign.assembly.mail import MailParts
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.email.outgoing import Drafted, Sent, draft_limit_s, send_limit_s
from pisovereign.connectors.email.types import MailSummary, MailText, OutgoingMail
from pisovereign.errors import NotConfigured
from pisovereign.notifications.channel import NotSent
from pisovereign.notifications.types import Channel, Outgoing

_SETTING, _SENDING = "email.imap_host", "email.smtp_host"


class LiveMail:
    """A `MailSource` and a `Composer`.

    Args:
        parts: The mailboxes.
    """

    def __init__(self, parts: LiveParts[MailParts]) -> None:
        self.parts = parts

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Return how many mails are unread and important, and the newest `count`."""
        with self._mailbox(user, "Mail", _SETTING) as mailbox:
            return await mailbox.reader.summary(user, count)

    async def read(self, user: UUID, identifier: str) -> MailText:
        """Return one mail as text, by the id that a summary gave it; it stays unread."""
        with self._mailbox(user, "Mail", _SETTING) as mailbox:
            return await mailbox.reader.read(user, identifier)

    async def compose(self, user: UUID, fields: MailFields, *, draft: bool) -> OutgoingMail:
        """Return the mail that is asked for."""
        with self._mailbox(user, "Mail", _SETTING if draft else _SENDING) as mailbox:
            return await mailbox.composer.compose(user, fields, draft=draft)

    async def draft(self, user: UUID, mail: OutgoingMail, number: UUID) -> Drafted:
        """Put a mail into the drafts of a user."""
        with self._mailbox(user, "Mail", _SETTING) as mailbox:
            mailbox.reader.admit(user)
            return await mailbox.drafter.draft(mail, number)

    async def send(self, user: UUID, mail: OutgoingMail, number: UUID) -> Sent:
        """Send a mail from the mailbox of a user."""
        with self._mailbox(user, "Sending mail", _SENDING) as mailbox:
            mailbox.reader.admit(user)
            if mailbox.sender is None:
                raise NotConfigured("Sending mail", _SENDING)
            return await mailbox.sender.send(mail, number)

    async def tell(self, user: UUID, message: Outgoing) -> None:
        """Send a message to the owner of a mailbox.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        with self.parts.using(user) as mailbox:
            if mailbox is None or mailbox.channel is None:
                raise NotSent(f"Nothing is set up that sends mail: set {_SENDING}", again_s=None)
            await mailbox.channel.send(user, message)

    def is_set_up(self, user: UUID) -> bool:
        """Return whether a user has a mailbox."""
        mailbox = self.parts.current(user)
        return mailbox is not None and mailbox.reader.belongs_to(user)

    def sends(self, user: UUID) -> bool:
        """Return whether a user's mailbox sends."""
        mailbox = self.parts.current(user)
        return self.is_set_up(user) and mailbox is not None and mailbox.sender is not None

    async def check(self, user: UUID) -> float | None:
        """Check that a user's mailbox can be read."""
        with self._mailbox(user, "Mail", _SETTING) as mailbox:
            return await mailbox.reader.health()

    async def check_all(self) -> float | None:
        """Check that the mailbox of the configuration can be read."""
        found = self.parts.shared()
        if not found:
            raise NotConfigured("Mail", _SETTING)
        return max([await mailbox.reader.health() for mailbox in found])

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        mailbox = self.parts.current(user)
        if mailbox is None:
            return Integration("email", _SETTING)
        return Integration("email", _SETTING, mailbox.reader.health, mailbox.probe)

    @contextmanager
    def _mailbox(self, user: UUID, what: str, setting: str) -> Iterator[MailParts]:
        with self.parts.using(user) as mailbox:
            if mailbox is None:
                raise NotConfigured(what, setting)
            yield mailbox


class LiveSender:
    """A `MailSender`: hands mails to the mailbox of whoever approved them.

    Args:
        mail: The mailboxes.
        timeout_s: How long one request to a server may take.
    """

    def __init__(self, mail: LiveMail, timeout_s: float) -> None:
        self.limit_s = send_limit_s(timeout_s)
        self.send = mail.send


class LiveDrafter:
    """A `MailDrafter`, as `LiveSender`."""

    def __init__(self, mail: LiveMail, timeout_s: float) -> None:
        self.limit_s = draft_limit_s(timeout_s)
        self.draft = mail.draft


class LiveMailChannel:
    """A way of sending: mails to each owner of a mailbox."""

    name: Channel = "mail"
    longest: int | None = None

    def __init__(self, mail: LiveMail, timeout_s: float) -> None:
        self.limit_s = send_limit_s(timeout_s)
        self.send = mail.tell
