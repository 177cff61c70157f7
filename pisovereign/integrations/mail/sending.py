"""What carries an approved letter out: sends it, or puts it into the drafts.

A mail is handed over once. When the answer of the server is lost, the sent folder may still tell;
if it does not, that is reported, and the mail is not sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from pisovereign.approvals.types import Approved
from pisovereign.commands.sources import Letter
from pisovereign.errors import UpstreamError
from pisovereign.integrations.mail import mailbox, smtp
from pisovereign.integrations.mail.compose import compose, message_id
from pisovereign.integrations.mail.folders import Folders
from pisovereign.integrations.mail.imap import Imap, connected
from pisovereign.integrations.mail.server import MailServer
from pisovereign.integrations.mail.smtp import Delivery, OutcomeUnknown
from pisovereign.integrations.mail.wire import MailThreads, Wire
from pisovereign.outbound.breakers import Breakers

T = TypeVar("T")

SEND, DRAFT = "send_email", "draft_email"
# A server that was interrupted may file what it sent a moment later.
_LOOK_AGAIN_S = (0.0, 2.0)


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


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is in the drafts."""

    message_id: str
    folder: str


class Post:
    """The two servers of a mailbox, for what is written.

    Args:
        imap: Where drafts and copies are kept.
        smtp: What sends; None: nothing.
        folders: What they are called.
        threads: Where the waiting is done.
        breakers: Give a server that fails a pause.
        limit_s: How long one question may take.
        save_sent: Whether to keep a copy of what was sent.
    """

    def __init__(
        self,
        *,
        imap: MailServer,
        smtp: MailServer | None,
        folders: Folders,
        threads: MailThreads,
        breakers: Breakers,
        limit_s: float,
        save_sent: bool,
    ) -> None:
        self.imap = imap
        self.smtp = smtp
        self.folders = folders
        self.save_sent = save_sent
        self.limit_s = limit_s
        self._threads = threads
        self._breakers = breakers

    async def ask(self, server: MailServer, work: Callable[[Wire], T]) -> T:
        """Let one of the servers be asked something, within the limit."""
        async with self._breakers.guard(server.host, server.port):
            return await self._threads.run(work, host=server.host, limit_s=self.limit_s)

    async def in_mailbox(self, work: Callable[[Imap], T]) -> T:
        """Ask the mailbox something."""

        def connect(wire: Wire) -> T:
            with connected(self.imap, wire) as client:
                return work(client)

        return await self.ask(self.imap, connect)


class Sender:
    """Sends."""

    def __init__(self, post: Post, server: MailServer) -> None:
        self._post = post
        self._server = server

    @property
    def limit_s(self) -> float:
        """Handing over, looking for it three times, and putting a copy away."""
        return 5 * self._post.limit_s + sum(_LOOK_AGAIN_S)

    async def carry_out(self, approved: Approved) -> Sent:
        """Send a letter.

        Raises:
            NotSent: it was not sent.
            OutcomeUnknown: nobody can tell.
        """
        letter = msgspec.json.decode(approved.payload, type=Letter)
        identifier = message_id(approved.id, letter.sender)
        mail = compose(letter, identifier, dt.datetime.now(dt.UTC))
        try:
            await self._hand_over(letter, mail)
        except OutcomeUnknown:
            if not await self._is_filed(identifier):
                raise
            return Sent(
                message_id=identifier, to=letter.to, confirmed_by="sent_folder", copy="kept"
            )
        note = await self._keep(identifier, mail) if self._post.save_sent else None
        return Sent(
            message_id=identifier,
            to=letter.to,
            confirmed_by="answer",
            copy="kept" if self._post.save_sent and note is None else "not_kept",
            note=note,
        )

    async def _hand_over(self, letter: Letter, mail: bytes) -> None:
        delivery = Delivery()

        def send(wire: Wire) -> None:
            smtp.send(
                self._server, wire, delivery, sender=letter.sender, recipients=letter.to, mail=mail
            )

        try:
            await self._post.ask(self._server, send)
        except UpstreamError as error:
            raise delivery.judge(error) from None

    async def _is_filed(self, identifier: str) -> bool:
        """Whether the sent folder holds the mail; no, when that cannot be found out."""

        def look(client: Imap) -> bool:
            folder = mailbox.sent_folder(client, self._post.folders.sent)
            return folder is not None and mailbox.holds(client, folder, identifier)

        for pause in _LOOK_AGAIN_S:
            await asyncio.sleep(pause)
            try:
                if await self._post.in_mailbox(look):
                    return True
            except UpstreamError:
                return False
        return False

    async def _keep(self, identifier: str, mail: bytes) -> str | None:
        """Put a copy into the sent folder; returns why there is none, if so."""

        def keep(client: Imap) -> str | None:
            folder = mailbox.sent_folder(client, self._post.folders.sent)
            if folder is None:
                return f"{self._post.imap.host} has no folder for sent mail: set email.sent_folder"
            mailbox.put(client, folder, identifier, mail, mailbox.SEEN)
            return None

        try:
            return await self._post.in_mailbox(keep)
        except UpstreamError as error:
            return error.message


class Drafter:
    """Puts letters into the drafts."""

    def __init__(self, post: Post) -> None:
        self._post = post

    @property
    def limit_s(self) -> float:
        """Storing, and looking whether that was done."""
        return 3 * self._post.limit_s

    async def carry_out(self, approved: Approved) -> Drafted:
        """Store a letter as a draft.

        Raises:
            UpstreamError: that failed, or nobody can tell.
        """
        letter = msgspec.json.decode(approved.payload, type=Letter)
        identifier = message_id(approved.id, letter.sender)
        mail = compose(letter, identifier, dt.datetime.now(dt.UTC))

        def store(client: Imap) -> str:
            folder = self._folder(client)
            mailbox.put(client, folder, identifier, mail, mailbox.DRAFT)
            return folder

        def look(client: Imap) -> str | None:
            folder = self._folder(client)
            return folder if mailbox.holds(client, folder, identifier) else None

        try:
            folder = await self._post.in_mailbox(store)
        except UpstreamError as error:
            try:
                found = await self._post.in_mailbox(look)
            except UpstreamError:
                found = None
            if found is None:
                raise UpstreamError(f"No draft was stored, or it is not seen: {error.message}")
            folder = found
        return Drafted(message_id=identifier, folder=folder)

    def _folder(self, client: Imap) -> str:
        folder = mailbox.drafts_folder(client, self._post.folders.drafts)
        if folder is None:
            raise UpstreamError(
                f"{self._post.imap.host} has no folder for drafts: set email.drafts_folder"
            )
        return folder
