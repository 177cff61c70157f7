"""The inbox as a source of commands: how much there is, and the newest mails."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from uuid import UUID

from pisovereign.errors import NotConfigured, UpstreamError
from pisovereign.health import CachedCheck
from pisovereign.integrations.mail import mailbox
from pisovereign.integrations.mail.folders import Folders
from pisovereign.integrations.mail.imap import MIB, Imap, connected
from pisovereign.integrations.mail.importance import answered_people, is_important
from pisovereign.integrations.mail.mailbox import Entry, Inbox
from pisovereign.integrations.mail.message import Read
from pisovereign.integrations.mail.server import MailServer
from pisovereign.integrations.mail.types import Mail, MailSummary
from pisovereign.integrations.mail.wire import MailThreads, Wire
from pisovereign.outbound.breakers import Breakers

T = TypeVar("T")

# Whom one answers changes slowly, and costs a look into another folder.
_PEOPLE_KEPT_S = 900.0
# Anybody may ask for the health, and providers lock out who logs in too often.
_HEALTH_GOOD_S, _HEALTH_BAD_S = 60.0, 10.0
_HEALTH_LIMIT_S = 4.0  # the check as a whole is given five


class _Looked(NamedTuple):
    inbox: Inbox
    people: frozenset[str]


class MailReader:
    """Reads one mailbox for the user whose it is.

    Args:
        server: Where it is.
        folders: What its folders are called.
        owner: Whose it is; None: it is not known, and nobody gets anything.
        threads: Where the waiting is done.
        breakers: Give a server that fails a pause.
        limit_s: How long one question may take.
    """

    def __init__(
        self,
        *,
        server: MailServer,
        folders: Folders,
        owner: UUID | None,
        threads: MailThreads,
        breakers: Breakers,
        limit_s: float,
    ) -> None:
        self._server = server
        self._folders = folders
        self._owner = owner
        self._threads = threads
        self._breakers = breakers
        self._limit_s = limit_s
        self._people: frozenset[str] | None = None
        self._people_at = -math.inf
        self.health = CachedCheck(self._check, good_s=_HEALTH_GOOD_S, bad_s=_HEALTH_BAD_S)

    async def summary(self, user: UUID, count: int) -> MailSummary:
        """See `MailSource`; mails that are unread and important are counted among the newest 100.

        Raises:
            NotConfigured: the mailbox is not this user's.
            UpstreamError: the server is away, slow or broken, or does not let us in.
        """
        self.admit(user)
        known = self._known_people()
        looked = await self._ask(lambda wire: self._look(wire, count, known))
        if known is None:
            self._people, self._people_at = looked.people, time.monotonic()
        people = looked.people | answered_people(looked.inbox.entries)
        marks = [is_important(entry, people) for entry in looked.inbox.entries]
        pairs = list(zip(looked.inbox.entries, marks, strict=True))
        return MailSummary(
            unread=looked.inbox.unread,
            important=sum(entry.unread and important for entry, important in pairs),
            mails=[_shown(entry, important) for entry, important in pairs[:count]],
        )

    async def find(self, user: UUID, identifier: str) -> Read:
        """The fields of one mail, by the id that a summary gave it.

        Raises:
            NotFound: it is not there any more.
            NotConfigured, UpstreamError: see `summary`.
        """
        self.admit(user)

        def look(wire: Wire) -> Read:
            with connected(self._server, wire) as client:
                return mailbox.find(client, self._folders.inbox, identifier)

        return await self._ask(look)

    def admit(self, user: UUID) -> None:
        """Refuse everybody whose mailbox it is not.

        Raises:
            NotConfigured: there is none for this user.
        """
        if user != self._owner:
            raise NotConfigured("Mail", "email.user_id")

    async def probe(self) -> str:
        """Log in and open the folder now, and say what was opened.

        Raises:
            UpstreamError: see `summary`, or nobody may read it.
        """
        if self._owner is None:
            raise UpstreamError("email.user_id is not set, and there are several users")
        await self._ask(self._open)
        return f"{self._folders.inbox} of {self._server.host} can be read"

    async def _check(self) -> None:
        await self._ask(self._open, min(self._limit_s, _HEALTH_LIMIT_S))

    def _known_people(self) -> frozenset[str] | None:
        fresh = time.monotonic() - self._people_at < _PEOPLE_KEPT_S
        return self._people if fresh else None

    async def _ask(self, work: Callable[[Wire], T], limit_s: float | None = None) -> T:
        host, port = self._server.host, self._server.port
        async with self._breakers.guard(host, port):
            return await self._threads.run(work, host=host, limit_s=limit_s or self._limit_s)

    def _open(self, wire: Wire) -> None:
        with connected(self._server, wire) as client:
            client.select_folder(self._folders.inbox, readonly=True)

    def _look(self, wire: Wire, count: int, known: frozenset[str] | None) -> _Looked:
        most = 2 * MIB + count * 2 * mailbox.PREVIEW_BYTES
        with connected(self._server, wire, most=most) as client:
            inbox = mailbox.newest(client, self._folders.inbox, count)
            return _Looked(inbox, self._people_in(client) if known is None else known)

    def _people_in(self, client: Imap) -> frozenset[str]:
        folder = mailbox.sent_folder(client, self._folders.sent)
        return mailbox.people_written_to(client, folder) if folder else frozenset()


def _shown(entry: Entry, important: bool) -> Mail:
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
