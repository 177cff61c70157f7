"""The inbox as a source of commands: how much there is, and the newest mails."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from pisovereign.connectors.email import mailbox
from pisovereign.connectors.email.imap import MIB, ImapClient, MailAccount
from pisovereign.connectors.email.mailbox import Inbox, InboxEntry
from pisovereign.connectors.email.message import ParsedMail
from pisovereign.connectors.email.types import Mail, MailAttachment, MailSummary, MailText
from pisovereign.errors import NotConfigured, UpstreamError
from pisovereign.health import CachedCheck

# Whom one answers changes slowly, and costs a look into another folder.
_PEOPLE_KEPT_S = 900.0
# Anybody may ask for the health, and providers lock out who logs in too often.
_HEALTH_GOOD_S, _HEALTH_BAD_S = 60.0, 10.0
_HEALTH_LIMIT_S = 4.0  # the check as a whole is given five


class _Looked(NamedTuple):
    inbox: Inbox
    people: frozenset[str]


class MailReader:
    """A reader of one mailbox, for the user who owns it.

    Args:
        account: asks the mailbox.
        owner: whose it is; None: it is not known, and nobody gets anything.
    """

    def __init__(self, account: MailAccount, owner: UUID | None) -> None:
        self._account = account
        self._owner = owner
        self._people: frozenset[str] | None = None
        self._people_at = -math.inf
        self.health = CachedCheck(self._check, good_s=_HEALTH_GOOD_S, bad_s=_HEALTH_BAD_S)

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """Return what `MailSource` says; unread important mails are counted among the newest 100.

        Raises:
            NotConfigured: the mailbox is not this user's.
            UpstreamError: the server is away, slow or broken, or does not let us in.
        """
        self.admit(user)
        known = self._known_people()
        looked = await self._account.in_mailbox(
            lambda client: self._look(client, count, known),
            most=2 * MIB + count * 2 * mailbox.PREVIEW_BYTES,
        )
        if known is None:
            self._people, self._people_at = looked.people, time.monotonic()
        people = looked.people | _answered_people(looked.inbox.entries)
        marks = [_is_important(entry, people) for entry in looked.inbox.entries]
        pairs = list(zip(looked.inbox.entries, marks, strict=True))
        return MailSummary(
            unread=looked.inbox.unread,
            important=sum(entry.unread and important for entry, important in pairs),
            mails=[_to_mail(entry, important) for entry, important in pairs[:count]],
        )

    async def read(self, user: UUID, identifier: str) -> MailText:
        """Return what `MailSource` says.

        Raises:
            NotFound: it is not there any more.
            NotConfigured, UpstreamError: see `summary`.
        """
        self.admit(user)
        inbox = self._account.folders.inbox
        entry, is_cut = await self._account.in_mailbox(
            lambda client: mailbox.read_mail(client, inbox, identifier),
            most=2 * MIB + 2 * mailbox.READ_BYTES,
        )
        return MailText(
            id=entry.id,
            sender=entry.read.shown_sender,
            subject=entry.read.subject,
            text=entry.read.text,
            attachments=[
                MailAttachment(name=file.name, kind=file.kind, size=file.size)
                for file in entry.read.attachments
            ],
            received_at=entry.received_at,
            unread=entry.unread,
            is_cut=is_cut,
        )

    async def find(self, user: UUID, identifier: str) -> ParsedMail:
        """Return the fields of one mail, by the id that a summary gave it.

        Raises:
            NotFound: it is not there any more.
            NotConfigured, UpstreamError: see `summary`.
        """
        self.admit(user)
        inbox = self._account.folders.inbox
        return await self._account.in_mailbox(
            lambda client: mailbox.find_mail(client, inbox, identifier)
        )

    def admit(self, user: UUID) -> None:
        """Refuse everybody whose mailbox it is not.

        Raises:
            NotConfigured: there is none for this user.
        """
        if user != self._owner:
            raise NotConfigured("Mail", "email.user_id")

    def belongs_to(self, user: UUID) -> bool:
        """Return whether it is this user's mailbox."""
        return user == self._owner

    async def probe(self) -> str:
        """Log in and open the folder now, and return what was opened.

        Raises:
            UpstreamError: see `summary`, or nobody may read it.
        """
        if self._owner is None:
            raise UpstreamError("email.user_id is not set, and there are several users")
        await self._account.in_mailbox(self._open)
        return f"{self._account.folders.inbox} of {self._account.imap.host} can be read"

    async def _check(self) -> None:
        limit_s = min(self._account.limit_s, _HEALTH_LIMIT_S)
        await self._account.in_mailbox(self._open, limit_s=limit_s)

    def _known_people(self) -> frozenset[str] | None:
        fresh = time.monotonic() - self._people_at < _PEOPLE_KEPT_S
        return self._people if fresh else None

    def _open(self, client: ImapClient) -> None:
        client.select_folder(self._account.folders.inbox, readonly=True)

    def _look(self, client: ImapClient, count: int, known: frozenset[str] | None) -> _Looked:
        folders = self._account.folders
        inbox = mailbox.newest_mails(client, folders.inbox, count)
        if known is not None:
            return _Looked(inbox, known)
        sent = mailbox.sent_folder(client, folders.sent)
        return _Looked(inbox, mailbox.people_written_to(client, sent) if sent else frozenset())


def _answered_people(entries: Iterable[InboxEntry]) -> frozenset[str]:
    """Return who wrote the mails that are marked as answered."""
    return frozenset(entry.read.sender.address for entry in entries if entry.answered) - {""}


def _is_important(entry: InboxEntry, people: frozenset[str]) -> bool:
    """Return whether a mail matters: it is marked, urgent, or from somebody whom the user answers.

    What a sender claims counts only in mail to few: advertisements call themselves urgent. Nothing
    follows from the answer but a number and a mark.
    """
    if entry.flagged:
        return True
    if entry.read.bulk:
        return False
    return entry.read.urgent or entry.read.sender.address in people


def _to_mail(entry: InboxEntry, important: bool) -> Mail:
    read = entry.read
    return Mail(
        id=entry.id,
        sender=read.shown_sender,
        subject=read.subject,
        headline=read.headline,
        received_at=entry.received_at,
        unread=entry.unread,
        important=important,
        preview=read.preview,
    )
