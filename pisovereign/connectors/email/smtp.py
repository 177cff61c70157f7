"""Handing a mail to an SMTP server, and knowing whether the server took it."""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
from collections.abc import Iterator, Sequence
from socket import socket
from typing import Protocol

from pisovereign.connectors.blocking import Deadline
from pisovereign.connectors.email.server import MailServer, errors_translated
from pisovereign.errors import HostFailed, MailNotSent, MailOutcomeUnknown, UpstreamError

# What we call ourselves. A name would tell strangers about this network, and looking for it may
# take seconds.
_OUR_NAME = "[127.0.0.1]"
_MOST_BYTES = 256 * 1024


class _Reader(Protocol):
    def readline(self, limit: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class _BoundedReader:
    """A file of answers that ends after `_MOST_BYTES`."""

    def __init__(self, file: _Reader) -> None:
        self._file = file
        self._left = _MOST_BYTES

    def readline(self, limit: int = -1) -> bytes:
        line = self._file.readline(limit)
        self._left -= len(line)
        return line if self._left > 0 else b""

    def close(self) -> None:
        self._file.close()


class SmtpClient(smtplib.SMTP):
    """`smtplib` through the gate, with bounded answers."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        self._server = server
        self._deadline = deadline
        super().__init__(
            server.host, server.port, local_hostname=_OUR_NAME, timeout=server.timeout_s
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return self._server.connect(self._deadline)

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer."""
        if self.file is None and self.sock is not None:
            self.file = _BoundedReader(self.sock.makefile("rb"))
        return super().getreply()

    def log_in(self) -> None:
        """Log in, also with a password that is not ASCII."""
        login = self._server.login
        self.ehlo_or_helo_if_needed()
        offered = str(self.esmtp_features.get("auth", "")).upper().split()
        if "PLAIN" not in offered:
            self.login(login.username, login.password)
            return
        secret = f"\0{login.username}\0{login.password}".encode()
        code, answer = self.docmd("AUTH", f"PLAIN {base64.b64encode(secret).decode()}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, answer)


class Delivery:
    """How far a mail got; `handed_over` is set before its last byte leaves."""

    def __init__(self) -> None:
        self.handed_over = False

    def explain(self, error: UpstreamError) -> UpstreamError:
        """Return what a failure means for the mail."""
        if isinstance(error, MailNotSent | MailOutcomeUnknown):
            return error
        if self.handed_over:
            return MailOutcomeUnknown(
                f"{error.message}, after the mail was handed over: whether it was sent is "
                "unknown, and it is not sent again"
            )
        return MailNotSent(
            f"Not sent: {error.message}", permanent=not isinstance(error, HostFailed)
        )


def send_mail(
    server: MailServer,
    deadline: Deadline,
    delivery: Delivery,
    *,
    sender: str,
    recipients: Sequence[str],
    mail: bytes,
) -> None:
    """Send to all recipients or to none; `mail` is complete, with CRLF.

    Raises:
        UpstreamError: `delivery.explain` says what it means.
    """
    with _connect(server, deadline) as client:
        _expect(server, client.mail(sender), "the sender")
        for recipient in recipients:
            _expect(server, client.rcpt(recipient), f"the recipient {recipient}")
        _expect(server, client.docmd("DATA"), "any mail", 354)
        client.send(_stuff_dots(mail))
        # Without this line the server has no mail, however the connection ends.
        delivery.handed_over = True
        client.send(b".\r\n")
        code, _ = client.getreply()
        if 400 <= code < 600:
            said = f"{server.host} did not take the mail (status {code})"
            raise MailNotSent(said, permanent=code >= 500)
        if code != 250:
            raise UpstreamError(f"{server.host} answered what is no answer")


def check_login(server: MailServer, deadline: Deadline) -> None:
    """Log in, and close the connection.

    Raises:
        UpstreamError: that is not possible.
    """
    with _connect(server, deadline):
        pass


def check_starttls(server: MailServer, deadline: Deadline) -> None:
    """Connect and encrypt, without logging in.

    Raises:
        UpstreamError: That is not possible.
    """
    with errors_translated(server.host):
        client = SmtpClient(server, deadline)
        try:
            client.starttls(context=server.tls.context)
        finally:
            client.close()


@contextlib.contextmanager
def _connect(server: MailServer, deadline: Deadline) -> Iterator[SmtpClient]:
    with errors_translated(server.host):
        client = SmtpClient(server, deadline)
        try:
            if server.security == "starttls":
                client.starttls(context=server.tls.context)
            client.log_in()
            yield client
        finally:
            # It said all there is to know; how it answers this changes nothing.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.putcmd("QUIT")
            client.close()


def _expect(
    server: MailServer, answer: tuple[int, bytes], what: str, code: int | None = None
) -> None:
    found = answer[0]
    if found != code and (code is not None or found not in {250, 251}):
        said = f"Not sent: {server.host} does not accept {what} (status {found})"
        raise MailNotSent(said, permanent=not 400 <= found < 500)


def _stuff_dots(mail: bytes) -> bytes:
    """Return a mail as DATA has it, without the line that ends it."""
    doubled = re.sub(rb"(?m)^\.", b"..", mail)
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
