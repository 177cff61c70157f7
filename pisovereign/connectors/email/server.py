"""A mail server: how a connection to it is made, and what its errors mean.

No error quotes what a server said, or a secret.
"""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from socket import socket
from typing import Literal

import msgspec
from imapclient.exceptions import LoginError

from pisovereign.connectors.blocking import Deadline
from pisovereign.errors import HostFailed, LoginRefused, PiSovereignError, UpstreamError
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls

# What the libraries raise on answers that no server gives.
_NONSENSE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
Security = Literal["tls", "starttls"]


@contextlib.contextmanager
def errors_translated(host: str) -> Iterator[None]:
    """Turn the errors of the libraries and of the network inside the block into ours.

    Raises:
        HostFailed: the server is away, slow or broken.
        UpstreamError: it works, and refuses.
    """
    try:
        yield
    except PiSovereignError:
        raise
    except (imaplib.IMAP4.error, smtplib.SMTPException, OSError, *_NONSENSE) as error:
        raise _translate(host, error) from error


def _translate(host: str, error: Exception) -> UpstreamError:
    match error:
        case LoginError() | smtplib.SMTPAuthenticationError():
            return LoginRefused(_describe_refused_login(host, error))
        case ssl.SSLCertVerificationError():
            reason = error.verify_message or "it is not valid"
            return UpstreamError(f"The certificate of {host} is not accepted: {reason}")
        case ssl.SSLError():
            return HostFailed(f"There is no TLS with {host}: check port and security")
        case smtplib.SMTPNotSupportedError():
            return UpstreamError(f"{host} does not offer what is needed: check security")
        case smtplib.SMTPResponseException():
            return UpstreamError(f"{host} refused, with status {error.smtp_code}")
        case smtplib.SMTPServerDisconnected() | imaplib.IMAP4.abort():
            return _broken(host, error)
        case OSError() if not isinstance(error, smtplib.SMTPException):
            return _broken(host, error)
        case _:
            return UpstreamError(f"{host} refused a request, or answered what is no answer")


def _broken(host: str, error: Exception) -> UpstreamError:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return HostFailed(f"{host} did not answer in time")
    return HostFailed(f"{host} ended the connection")


def _describe_refused_login(host: str, error: Exception) -> str:
    said = str(error).lower()
    if "application-specific" in said or "app password" in said or "app-specific" in said:
        return f"{host} wants a password made for this program (an app password)"
    return f"{host} does not accept the login: check email.username and email.password"


class Folders(msgspec.Struct, frozen=True, kw_only=True):
    """The names of folders; an empty one is found by what the server says about its folders."""

    inbox: str
    sent: str
    drafts: str


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The user name and password of the account."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Return it without the password."""
        return f"Login({self.username!r})"


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """The address of a server and how to reach it; `timeout_s` is for each wait, not for all."""

    host: str
    port: int
    security: Security
    login: Login
    timeout_s: float
    gate: Gate
    tls: Tls

    def connect(self, deadline: Deadline) -> socket:
        """Open a connection, with TLS if that comes first.

        Raises:
            HostFailed: the server cannot be reached.
            OSError: there is no TLS with it.
        """
        plain = self.gate.create_socket(
            self.host, self.port, min(self.timeout_s, deadline.left_s())
        )
        deadline.watch(plain)
        if self.security == "starttls":
            return plain
        try:
            return self.tls.context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
