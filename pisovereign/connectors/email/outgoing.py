"""Sending a mail, or putting it into the drafts.

A mail is handed over once. When the answer of the server is lost, the sent folder may still tell;
if it does not, that is reported, and the mail is not sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from uuid import UUID

import msgspec

from pisovereign.connectors.blocking import Deadline
from pisovereign.connectors.email import mailbox
from pisovereign.connectors.email.imap import ImapClient, MailAccount
from pisovereign.connectors.email.server import MailServer
from pisovereign.connectors.email.smtp import Delivery, check_login, send_mail
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.errors import MailOutcomeUnknown, UpstreamError

# Every server and every line of a mail takes these.
_POLICY = SMTP.clone(cte_type="7bit")
# A server that was interrupted may file what it sent a moment later.
_LOOK_AGAIN_S = (0.0, 2.0)


def message_id(number: UUID, sender: str) -> str:
    """Return the Message-ID of the mail for an approval, or for another thing that is sent once."""
    return f"<pisovereign.{number}@{sender.rpartition('@')[2]}>"


def compose(outgoing: OutgoingMail, identifier: str, now: dt.datetime) -> bytes:
    """Return the mail, in ASCII, with CRLF at the ends of its lines."""
    message = EmailMessage(_POLICY)
    message["From"] = outgoing.sender
    message["To"] = ", ".join(outgoing.to)
    message["Subject"] = outgoing.subject
    message["Date"] = email.utils.format_datetime(now.astimezone(dt.UTC))
    message["Message-ID"] = identifier
    if outgoing.in_reply_to:
        message["In-Reply-To"] = outgoing.in_reply_to
    if outgoing.references:
        message["References"] = " ".join(outgoing.references)
    text = outgoing.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    message.set_content(f"{text}\n", charset="utf-8")
    return message.as_bytes()


def send_limit_s(timeout_s: float) -> float:
    """Return how long handing over, looking for it three times and storing a copy may take."""
    return 5 * timeout_s + sum(_LOOK_AGAIN_S)


def draft_limit_s(timeout_s: float) -> float:
    """Return how long storing a draft, and looking whether that was done, may take."""
    return 3 * timeout_s


class Sent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail that was sent.

    `confirmed_by` says how that is known: the server's answer, or, after that was lost, the copy in
    the sent folder. `copy` says whether there is one there.
    """

    message_id: str
    to: list[str]
    confirmed_by: Literal["answer", "sent_folder"]
    copy: Literal["kept", "not_kept"]
    note: str | None = None


class Sender:
    """A sender of mails.

    Args:
        account: asks the servers.
        server: the one that sends.
        keep_copy: whether to put a copy into the sent folder.

    Attributes:
        server: the one that sends.
    """

    def __init__(self, account: MailAccount, server: MailServer, *, keep_copy: bool) -> None:
        self._account = account
        self.server = server
        self._keep_copy = keep_copy

    @property
    def limit_s(self) -> float:
        """Return how long `send` may take."""
        return send_limit_s(self._account.limit_s)

    async def probe(self) -> str:
        """Log in now, and return what can be done.

        Raises:
            UpstreamError: the server is away, slow or broken, or does not let us in.
        """
        await self._account.ask(self.server, lambda deadline: check_login(self.server, deadline))
        return f"{self.server.host} takes mail"

    async def send(self, outgoing: OutgoingMail, number: UUID) -> Sent:
        """Send a mail; by `number`, which no other has, it is found again.

        Raises:
            MailNotSent: it was not sent.
            MailOutcomeUnknown: nobody can tell.
        """
        identifier = message_id(number, outgoing.sender)
        mail = compose(outgoing, identifier, dt.datetime.now(dt.UTC))
        confirmed_by: Literal["answer", "sent_folder"] = "answer"
        try:
            await self._hand_over(outgoing, mail)
        except MailOutcomeUnknown:
            if not await self._is_filed(identifier):
                raise
            confirmed_by = "sent_folder"
        kept, note = await self._copy(identifier, mail)
        return Sent(
            message_id=identifier,
            to=outgoing.to,
            confirmed_by=confirmed_by,
            copy="kept" if kept else "not_kept",
            note=note,
        )

    async def _hand_over(self, outgoing: OutgoingMail, mail: bytes) -> None:
        delivery = Delivery()

        def send(deadline: Deadline) -> None:
            send_mail(
                self.server,
                deadline,
                delivery,
                sender=outgoing.sender,
                recipients=outgoing.to,
                mail=mail,
            )

        try:
            await self._account.ask(self.server, send)
        except UpstreamError as error:
            raise delivery.explain(error) from None

    async def _is_filed(self, identifier: str) -> bool:
        """Return whether the sent folder holds the mail; no, when that cannot be found out."""

        def look(client: ImapClient) -> bool:
            folder = mailbox.sent_folder(client, self._account.folders.sent)
            return folder is not None and mailbox.has_mail(client, folder, identifier)

        for pause in _LOOK_AGAIN_S:
            await asyncio.sleep(pause)
            try:
                if await self._account.in_mailbox(look):
                    return True
            except UpstreamError:
                return False
        return False

    async def _copy(self, identifier: str, mail: bytes) -> tuple[bool, str | None]:
        """Put a copy into the sent folder; return whether one is there, and if not, why."""
        if not self._keep_copy:
            return False, None

        def keep(client: ImapClient) -> bool:
            folder = mailbox.sent_folder(client, self._account.folders.sent)
            if folder is not None:
                mailbox.store_mail(client, folder, identifier, mail, mailbox.SEEN)
            return folder is not None

        try:
            if await self._account.in_mailbox(keep):
                return True, None
        except UpstreamError as error:
            return False, error.message
        return False, "There is no folder for sent mail: set email.sent_folder"


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is in the drafts."""

    message_id: str
    folder: str


class Drafter:
    """A writer of drafts.

    Args:
        account: asks the mailbox.
    """

    def __init__(self, account: MailAccount) -> None:
        self._account = account

    @property
    def limit_s(self) -> float:
        """Return how long `draft` may take."""
        return draft_limit_s(self._account.limit_s)

    async def draft(self, outgoing: OutgoingMail, number: UUID) -> Drafted:
        """Store a mail as a draft; by `number`, which no other has, it is found again.

        Raises:
            UpstreamError: that failed, or nobody can tell.
        """
        identifier = message_id(number, outgoing.sender)
        mail = compose(outgoing, identifier, dt.datetime.now(dt.UTC))

        def store(client: ImapClient) -> str:
            folder = self._folder(client)
            mailbox.store_mail(client, folder, identifier, mail, mailbox.DRAFT)
            return folder

        def look(client: ImapClient) -> str | None:
            folder = self._folder(client)
            return folder if mailbox.has_mail(client, folder, identifier) else None

        try:
            folder = await self._account.in_mailbox(store)
        except UpstreamError as error:
            try:
                found = await self._account.in_mailbox(look)
            except UpstreamError:
                found = None
            if found is None:
                raise UpstreamError(f"The draft is not there: {error.message}") from None
            folder = found
        return Drafted(message_id=identifier, folder=folder)

    def _folder(self, client: ImapClient) -> str:
        folder = mailbox.drafts_folder(client, self._account.folders.drafts)
        if folder is None:
            raise UpstreamError(
                f"{self._account.imap.host} has no folder for drafts: set email.drafts_folder"
            )
        return folder
