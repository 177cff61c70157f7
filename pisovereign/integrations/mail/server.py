"""A mail server, and how a connection to it is made: through the gate, then TLS."""

from __future__ import annotations

from socket import socket
from typing import Literal

import msgspec

from pisovereign.integrations.mail.wire import Wire
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls

Security = Literal["tls", "starttls"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who logs in."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"Account({self.username!r})"


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is and how it is spoken to; `timeout_s` is for each wait, not for all of them."""

    host: str
    port: int
    security: Security
    account: Account
    timeout_s: float
    gate: Gate
    tls: Tls

    def connect(self, wire: Wire) -> socket:
        """A connection, with TLS if that comes first.

        Raises:
            HostFailed: the server cannot be reached.
            OSError: there is no TLS with it.
        """
        plain = self.gate.create_socket(self.host, self.port, min(self.timeout_s, wire.left_s()))
        wire.hold(plain)
        if self.security == "starttls":
            return plain
        try:
            return self.tls.context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
