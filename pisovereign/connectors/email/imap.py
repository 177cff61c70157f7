"""The account of a mailbox, and connections to its IMAP server.

They read a bounded amount and log nothing.
"""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Callable, Iterator
from socket import socket
from typing import Any, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from pisovereign.connectors.blocking import BlockingPool, Deadline
from pisovereign.connectors.email.server import Folders, MailServer, errors_translated
from pisovereign.errors import UpstreamError
from pisovereign.outbound.breakers import Breakers

T = TypeVar("T")
MIB = 1024 * 1024
_TAGS_BEGIN = b"PISO"


class _BoundedImap(imaplib.IMAP4):
    """`imaplib` over a socket that is there, which reads at most `most` bytes."""

    def __init__(self, host: str, port: int, connected: socket, most: int) -> None:
        self._connected = connected
        self._left = most
        super().__init__(host, port)

    def __setattr__(self, name: str, value: object) -> None:
        """Have all tags begin alike: a pattern is compiled, and kept, for each beginning.

        They tell apart the answers of one connection, for which their numbers do.
        """
        super().__setattr__(name, _TAGS_BEGIN if name == "tagpre" else value)

    def _create_socket(self, timeout: float | None) -> socket:
        return self._connected

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        if size > self._left:
            raise UpstreamError(f"{self.host} sent more than was asked for")
        self._left -= size


class ImapClient(IMAPClient):  # type: ignore[misc]
    """`IMAPClient` through the gate."""

    def __init__(self, server: MailServer, deadline: Deadline, most: int) -> None:
        self._server = server
        self._deadline = deadline
        self._most = most
        super().__init__(
            server.host, server.port, ssl=server.security == "tls", timeout=server.timeout_s
        )
        self._imap.debug = 0  # else every line of every mail is formatted for a log
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        connected = self._server.connect(self._deadline)
        try:
            return _BoundedImap(self._server.host, self._server.port, connected, self._most)
        except BaseException:
            connected.close()
            raise


@contextlib.contextmanager
def connect_imap(
    server: MailServer, deadline: Deadline, *, most: int = 2 * MIB
) -> Iterator[ImapClient]:
    """Open a connection that is logged in; at most `most` bytes are read.

    Raises:
        HostFailed: the server is away, slow or broken.
        UpstreamError: it does not let us in, or fails in what is done inside.
    """
    with errors_translated(server.host):
        client = ImapClient(server, deadline, most)
        try:
            if server.security == "starttls":
                client.starttls(server.tls.context)
            _log_in(client, server)
            yield client
            with contextlib.suppress(OSError, IMAPClientError):
                client.logout()
        finally:
            with contextlib.suppress(OSError):
                client.shutdown()


def check_starttls(server: MailServer, deadline: Deadline) -> None:
    """Connect and encrypt, without logging in.

    Raises:
        UpstreamError: That is not possible.
    """
    with errors_translated(server.host):
        client = ImapClient(server, deadline, MIB)
        try:
            client.starttls(server.tls.context)
        finally:
            with contextlib.suppress(OSError):
                client.shutdown()


def _log_in(client: ImapClient, server: MailServer) -> None:
    username, password = server.login.username, server.login.password
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(username, password)
        return
    if client.has_capability("LOGINDISABLED"):
        raise UpstreamError(f"{server.host} offers no way to log in with a password")
    if not (username + password).isascii():
        raise UpstreamError(f"{server.host} takes only ASCII characters in user name and password")
    client.login(username, password)


def value_of(item: dict[bytes, Any], name: bytes) -> Any:
    """Return a value of a FETCH answer by how its name begins; None when it is not there."""
    return next((value for key, value in item.items() if key.startswith(name)), None)


class MailAccount:
    """The account of a mailbox: asks its servers, each within the limit.

    Args:
        imap: the server where the mailbox is.
        folders: what its folders are called.
        pool: the threads that wait for servers.
        breakers: give a server that fails a pause.
        limit_s: how long one request may take.
    """

    def __init__(
        self,
        *,
        imap: MailServer,
        folders: Folders,
        pool: BlockingPool,
        breakers: Breakers,
        limit_s: float,
    ) -> None:
        self.imap = imap
        self.folders = folders
        self.limit_s = limit_s
        self._pool = pool
        self._breakers = breakers

    async def ask(
        self, server: MailServer, work: Callable[[Deadline], T], limit_s: float | None = None
    ) -> T:
        """Run work that asks a server, and return its result.

        Raises:
            UpstreamError: the server is away, slow or broken, or refuses.
        """
        async with self._breakers.guard(server.host, server.port):
            return await self._pool.run(work, limit_s or self.limit_s, server.host)

    async def in_mailbox(
        self,
        work: Callable[[ImapClient], T],
        *,
        most: int = 2 * MIB,
        limit_s: float | None = None,
    ) -> T:
        """Run work on a connection to the mailbox that reads at most `most` bytes.

        Raises:
            UpstreamError: see `ask`.
        """

        def connect(deadline: Deadline) -> T:
            with connect_imap(self.imap, deadline, most=most) as client:
                return work(client)

        return await self.ask(self.imap, connect, limit_s)
