"""Putting a letter into the drafts."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from pisovereign.errors import UpstreamError
from pisovereign.integrations.mail import mailbox
from pisovereign.integrations.mail.compose import compose, message_id
from pisovereign.integrations.mail.imap import Imap
from pisovereign.integrations.mail.servers import MailServers
from pisovereign.integrations.mail.types import Letter


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is in the drafts."""

    message_id: str
    folder: str


class Drafter:
    """Puts letters into the drafts.

    Args:
        servers: Asks the mailbox.
    """

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    @property
    def limit_s(self) -> float:
        """Storing, and looking whether that was done."""
        return 3 * self._servers.limit_s

    async def draft(self, letter: Letter, number: UUID) -> Drafted:
        """Store a letter as a draft; by `number`, which no other has, it is found again.

        Raises:
            UpstreamError: that failed, or nobody can tell.
        """
        identifier = message_id(number, letter.sender)
        mail = compose(letter, identifier, dt.datetime.now(dt.UTC))

        def store(client: Imap) -> str:
            folder = self._folder(client)
            mailbox.put(client, folder, identifier, mail, mailbox.DRAFT)
            return folder

        def look(client: Imap) -> str | None:
            folder = self._folder(client)
            return folder if mailbox.holds(client, folder, identifier) else None

        try:
            folder = await self._servers.in_mailbox(store)
        except UpstreamError as error:
            try:
                found = await self._servers.in_mailbox(look)
            except UpstreamError:
                found = None
            if found is None:
                raise UpstreamError(f"The draft is not there: {error.message}") from None
            folder = found
        return Drafted(message_id=identifier, folder=folder)

    def _folder(self, client: Imap) -> str:
        folder = mailbox.drafts_folder(client, self._servers.folders.drafts)
        if folder is None:
            raise UpstreamError(
                f"{self._servers.mailbox.host} has no folder for drafts: set email.drafts_folder"
            )
        return folder
