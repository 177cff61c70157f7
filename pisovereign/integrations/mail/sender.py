"""Sending a letter.

A mail is handed over once. When the answer of the server is lost, the sent folder may still tell;
if it does not, that is reported, and the mail is not sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from pisovereign.errors import UpstreamError
from pisovereign.integrations.mail import mailbox, smtp
from pisovereign.integrations.mail.compose import compose, message_id
from pisovereign.integrations.mail.imap import Imap
from pisovereign.integrations.mail.server import MailServer
from pisovereign.integrations.mail.servers import MailServers
from pisovereign.integrations.mail.smtp import Delivery, OutcomeUnknown
from pisovereign.integrations.mail.types import Letter
from pisovereign.integrations.mail.wire import Wire

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


class Sender:
    """Sends letters.

    Args:
        servers: Asks the servers.
        server: The one that sends.
        keep_copy: Whether to put a copy into the sent folder.
    """

    def __init__(self, servers: MailServers, server: MailServer, *, keep_copy: bool) -> None:
        self._servers = servers
        self._server = server
        self._keep_copy = keep_copy

    @property
    def limit_s(self) -> float:
        """Handing over, looking for it three times, and putting a copy away."""
        return 5 * self._servers.limit_s + sum(_LOOK_AGAIN_S)

    async def probe(self) -> str:
        """Log in now, and say what can be done.

        Raises:
            UpstreamError: the server is away, slow or broken, or does not let us in.
        """
        await self._servers.ask(self._server, lambda wire: smtp.check(self._server, wire))
        return f"{self._server.host} takes mail"

    async def send(self, letter: Letter, number: UUID) -> Sent:
        """Send a letter; by `number`, which no other has, the mail is found again.

        Raises:
            NotSent: it was not sent.
            OutcomeUnknown: nobody can tell.
        """
        identifier = message_id(number, letter.sender)
        mail = compose(letter, identifier, dt.datetime.now(dt.UTC))
        confirmed_by: Literal["answer", "sent_folder"] = "answer"
        try:
            await self._hand_over(letter, mail)
        except OutcomeUnknown:
            if not await self._is_filed(identifier):
                raise
            confirmed_by = "sent_folder"
        kept, note = await self._copy(identifier, mail)
        return Sent(
            message_id=identifier,
            to=letter.to,
            confirmed_by=confirmed_by,
            copy="kept" if kept else "not_kept",
            note=note,
        )

    async def _hand_over(self, letter: Letter, mail: bytes) -> None:
        delivery = Delivery()

        def send(wire: Wire) -> None:
            smtp.send(
                self._server, wire, delivery, sender=letter.sender, recipients=letter.to, mail=mail
            )

        try:
            await self._servers.ask(self._server, send)
        except UpstreamError as error:
            raise delivery.judge(error) from None

    async def _is_filed(self, identifier: str) -> bool:
        """Whether the sent folder holds the mail; no, when that cannot be found out."""

        def look(client: Imap) -> bool:
            folder = mailbox.sent_folder(client, self._servers.folders.sent)
            return folder is not None and mailbox.holds(client, folder, identifier)

        for pause in _LOOK_AGAIN_S:
            await asyncio.sleep(pause)
            try:
                if await self._servers.in_mailbox(look):
                    return True
            except UpstreamError:
                return False
        return False

    async def _copy(self, identifier: str, mail: bytes) -> tuple[bool, str | None]:
        """Put a copy into the sent folder; whether one is there, and if not, why."""
        if not self._keep_copy:
            return False, None

        def keep(client: Imap) -> bool:
            folder = mailbox.sent_folder(client, self._servers.folders.sent)
            if folder is not None:
                mailbox.put(client, folder, identifier, mail, mailbox.SEEN)
            return folder is not None

        try:
            if await self._servers.in_mailbox(keep):
                return True, None
        except UpstreamError as error:
            return False, error.message
        return False, "There is no folder for sent mail: set email.sent_folder"
