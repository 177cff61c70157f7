"""A connection to an IMAP server that reads a bounded amount and says nothing to the log."""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Iterator
from socket import socket
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from pisovereign.errors import UpstreamError
from pisovereign.integrations.mail.failures import translated
from pisovereign.integrations.mail.server import MailServer
from pisovereign.integrations.mail.wire import Wire

MIB = 1024 * 1024


class _BoundedImap(imaplib.IMAP4):
    """`imaplib` over a socket that is there, which reads at most `most` bytes."""

    def __init__(self, host: str, port: int, connected: socket, most: int) -> None:
        self._connected = connected
        self._left = most
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None) -> socket:
        return self._connected

    def read(self, size: int) -> bytes:
        """Read a literal."""
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        if size > self._left:
            raise UpstreamError(f"{self.host} sent more than was asked for")
        self._left -= size


class Imap(IMAPClient):  # type: ignore[misc]
    """`IMAPClient` through the gate."""

    def __init__(self, server: MailServer, wire: Wire, most: int) -> None:
        self._server = server
        self._wire = wire
        self._most = most
        super().__init__(
            server.host, server.port, ssl=server.security == "tls", timeout=server.timeout_s
        )
        self._imap.debug = 0  # else every line of every mail is worded for a log
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        connected = self._server.connect(self._wire)
        try:
            return _BoundedImap(self._server.host, self._server.port, connected, self._most)
        except BaseException:
            connected.close()
            raise


@contextlib.contextmanager
def connected(server: MailServer, wire: Wire, *, most: int = 2 * MIB) -> Iterator[Imap]:
    """A connection that is logged in; at most `most` bytes are read.

    Raises:
        HostFailed: the server is away, slow or broken.
        UpstreamError: it does not let us in, or fails in what is done inside.
    """
    with translated(server.host):
        client = Imap(server, wire, most)
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


def _log_in(client: Imap, server: MailServer) -> None:
    username, password = server.account.username, server.account.password
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(username, password)
        return
    if client.has_capability("LOGINDISABLED"):
        raise UpstreamError(f"{server.host} offers no way to log in with a password")
    if not (username + password).isascii():
        raise UpstreamError(f"{server.host} takes only ASCII characters in user name and password")
    client.login(username, password)


def value_of(item: dict[bytes, Any], name: bytes) -> Any:
    """A value of a FETCH answer by how its name begins; None when it is not there."""
    return next((value for key, value in item.items() if key.startswith(name)), None)
