"""A real SMTP server (aiosmtpd) on loopback, with TLS, STARTTLS and a password."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.connectors.email.certificates import Certificates
from tests.connectors.email.dovecot import PASSWORD, USER, Dovecot
from tests.support.patience import PATIENCE_S
from tests.support.server import free_port, wait_until


class SmtpServer:
    """Takes mail on two ports.

    Attributes:
        received: What it took, the oldest first.
        refused: Recipients that it does not take.
        answer: What it says to a whole mail; None: it takes it, and the connection breaks.
        files_in: Puts what it took into the sent folder there, as large providers do.
        pause_s: How long it thinks about a whole mail.
    """

    def __init__(self, certificates: Certificates) -> None:
        self.received: list[Envelope] = []
        self.refused: set[str] = set()
        self.answer: str | None = "250 taken"
        self.files_in: Dovecot | None = None
        self.pause_s = 0.0
        self._lock = threading.Lock()
        context = certificates.server_context()
        self._tls = self._controller(ssl_context=context, auth_require_tls=False)
        self._starttls = self._controller(tls_context=context, require_starttls=True)

    def __enter__(self) -> SmtpServer:
        self._tls.start()
        self._starttls.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tls.stop()
        self._starttls.stop()

    @property
    def tls_port(self) -> int:
        return int(self._tls.port)

    @property
    def starttls_port(self) -> int:
        return int(self._starttls.port)

    @property
    def connected(self) -> bool:
        """Whether anything may still come: what was sent is read before a connection is closed."""
        ports = (self.tls_port, self.starttls_port)
        return any(
            each.status in (psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT)
            and getattr(each.laddr, "port", 0) in ports
            for each in psutil.net_connections("tcp")
        )

    def reset(self) -> None:
        self.received.clear()
        self.refused = set()
        self.answer, self.files_in, self.pause_s = "250 taken", None, 0.0

    def mail(self, index: int = -1) -> EmailMessage:
        """One of the mails that came, read."""
        message = message_from_bytes(self.content(index), policy=default)
        assert isinstance(message, EmailMessage)
        return message

    def content(self, index: int = -1) -> bytes:
        content = self.received[index].content
        assert isinstance(content, bytes)
        return content

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.pause_s)
        if self.answer is not None and not self.answer.startswith("2"):
            return self.answer
        with self._lock:
            self.received.append(envelope)
        if self.files_in is not None:
            assert isinstance(envelope.content, bytes)
            await asyncio.to_thread(
                self.files_in.put, envelope.content, folder="Gesendet", flags=r"\Seen"
            )
        if self.answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "250 never heard"
        return self.answer

    def _controller(self, **settings: Any) -> Controller:
        return Controller(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            server_hostname="localhost",
            authenticator=_authenticate,
            auth_required=True,
            data_size_limit=10_000_000,
            ready_timeout=PATIENCE_S,
            **settings,
        )


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    expected = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == expected, handled=False)


def wait_for_ends(server: SmtpServer) -> None:
    """Until nobody is connected any more: a mail may be on its way although its sender left."""
    wait_until(lambda: not server.connected, PATIENCE_S, "the end of all connections")
