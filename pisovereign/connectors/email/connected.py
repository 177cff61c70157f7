"""The mailboxes that are connected now, each person's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.connected_service import PersonalService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.email.build import MailParts, build
from pisovereign.connectors.email.composer import MailFields
from pisovereign.connectors.email.imap import check_starttls as imap_starttls
from pisovereign.connectors.email.outgoing import Drafted, Sent, draft_limit_s, send_limit_s
from pisovereign.connectors.email.settings import EmailConfig
from pisovereign.connectors.email.smtp import check_starttls as smtp_starttls
from pisovereign.connectors.email.types import MailSummary, MailText, OutgoingMail
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import NotSent, Outgoing, SendingChannel
from pisovereign.connectors.trials import Server, Trial
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import NotConfigured

_SETTING, _SENDING = "email.imap_host", "email.smtp_host"


class ConnectedMail(PersonalService[MailParts]):
    """A `MailSource` and a `Composer`, which also tells the owners of mailboxes something."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        self._pool = BlockingPool("mail")
        parts = parts_of(
            kind,
            context,
            lambda section, owners: build(section, context.outbound, self._pool, owners),
        )
        super().__init__("email", "Mail", _SETTING, parts, shown=True)
        timeout_s = context.settings.base(kind).timeout_s
        self._channel = ConnectedMailChannel(self, timeout_s)
        self.sender = ConnectedSender(self, timeout_s)
        self.drafter = ConnectedDrafter(self, timeout_s)

    def channel(self) -> SendingChannel:
        """Return the way of sending."""
        return self._channel

    def reaches(self, user: UUID) -> bool:
        """Return whether a user's mailbox sends."""
        mailbox = self._parts.current(user)
        return mailbox is not None and mailbox.belongs_to(user) and mailbox.sender is not None

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
        with self._parts.using(user) as mailbox:
            if mailbox is None or mailbox.channel is None:
                raise NotSent(f"Nothing is set up that sends mail: set {_SENDING}", again_s=None)
            await mailbox.channel.send(user, message)

    async def close(self) -> None:
        """Close what it holds."""
        await super().close()
        await self._pool.close()

    @contextmanager
    def _mailbox(self, user: UUID, what: str, setting: str) -> Iterator[MailParts]:
        with self._parts.using(user) as mailbox:
            if mailbox is None:
                raise NotConfigured(what, setting)
            yield mailbox


class ConnectedSender:
    """A `MailSender`: hands mails to the mailbox of whoever approved them.

    Args:
        mail: The mailboxes.
        timeout_s: How long one request to a server may take.
    """

    def __init__(self, mail: ConnectedMail, timeout_s: float) -> None:
        self.limit_s = send_limit_s(timeout_s)
        self.send = mail.send


class ConnectedDrafter:
    """A `MailDrafter`, as `ConnectedSender`."""

    def __init__(self, mail: ConnectedMail, timeout_s: float) -> None:
        self.limit_s = draft_limit_s(timeout_s)
        self.draft = mail.draft


class ConnectedMailChannel:
    """A way of sending: mails to each owner of a mailbox."""

    name = "mail"
    longest: int | None = None

    def __init__(self, mail: ConnectedMail, timeout_s: float) -> None:
        self.limit_s = send_limit_s(timeout_s)
        self.send = mail.tell


start = ConnectedMail


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Sign in at each server, and read the inbox; nothing is sent."""
    pool = BlockingPool("trial")
    outbound = context.outbound
    trial = Trial(outbound.gate, outbound.tls, words)
    try:
        parts = build(section, outbound, pool, frozenset((user,)))
        assert parts is not None
        await _try_reading(trial, section, parts, pool, words)
        if parts.sender is not None:
            await _try_sending(trial, section, parts, pool)
    finally:
        await pool.close()
    return trial.result()


async def _try_reading(
    trial: Trial, section: EmailConfig, parts: MailParts, pool: BlockingPool, words: Words
) -> None:
    host, port = section.imap_address
    server = Server(host, port, tls=section.imap_security == "tls")
    imap = parts.account.imap

    async def encrypt() -> str:
        await pool.run(lambda deadline: imap_starttls(imap, deadline), section.timeout_s, host)
        return ""

    async def sign_in() -> str:
        await parts.account.in_mailbox(lambda _: None)
        return words.say("signed_in")

    await trial.reach(server)
    if not server.tls:
        await trial.step("tls", str(server), encrypt)
    await trial.step("sign_in", str(server), sign_in)
    await trial.step("read", str(server), parts.reader.probe)


async def _try_sending(
    trial: Trial, section: EmailConfig, parts: MailParts, pool: BlockingPool
) -> None:
    host, port = section.smtp_address
    server = Server(host, port, tls=section.smtp_security == "tls")
    sender = parts.sender
    assert sender is not None

    async def encrypt() -> str:
        smtp = sender.server
        await pool.run(lambda deadline: smtp_starttls(smtp, deadline), section.timeout_s, host)
        return ""

    await trial.reach(server)
    if not server.tls:
        await trial.step("tls", str(server), encrypt)
    await trial.step("sign_in", str(server), sender.probe)
