"""The servers of a mailbox, for what is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pisovereign.integrations.mail.folders import Folders
from pisovereign.integrations.mail.imap import Imap, connected
from pisovereign.integrations.mail.server import MailServer
from pisovereign.integrations.mail.wire import MailThreads, Wire
from pisovereign.outbound.breakers import Breakers

T = TypeVar("T")


class MailServers:
    """Asks the servers, each within the limit.

    Args:
        mailbox: Where drafts and copies are kept.
        folders: What they are called there.
        threads: Where the waiting is done.
        breakers: Give a server that fails a pause.
        limit_s: How long one question may take.
    """

    def __init__(
        self,
        *,
        mailbox: MailServer,
        folders: Folders,
        threads: MailThreads,
        breakers: Breakers,
        limit_s: float,
    ) -> None:
        self.mailbox = mailbox
        self.folders = folders
        self.limit_s = limit_s
        self._threads = threads
        self._breakers = breakers

    async def ask(self, server: MailServer, work: Callable[[Wire], T]) -> T:
        """Ask a server something.

        Raises:
            UpstreamError: it is away, slow or broken, or refuses.
        """
        async with self._breakers.guard(server.host, server.port):
            return await self._threads.run(work, host=server.host, limit_s=self.limit_s)

    async def in_mailbox(self, work: Callable[[Imap], T]) -> T:
        """Ask the mailbox something.

        Raises:
            UpstreamError: see `ask`.
        """

        def connect(wire: Wire) -> T:
            with connected(self.mailbox, wire) as client:
                return work(client)

        return await self.ask(self.mailbox, connect)
