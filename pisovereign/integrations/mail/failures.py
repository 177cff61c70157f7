"""What goes wrong with mail servers, in words; never with what a server said, or a secret."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
from collections.abc import Iterator

from imapclient.exceptions import LoginError

from pisovereign.errors import HostFailed, PiSovereignError, UpstreamError

# What the libraries raise on answers that no server gives.
_NONSENSE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)


class LoginRefused(UpstreamError):
    """The server does not take the user name or the password."""


@contextlib.contextmanager
def translated(host: str) -> Iterator[None]:
    """Around calls of the libraries: their errors, and the network's, as ours.

    Raises:
        HostFailed: the server is away, slow or broken.
        UpstreamError: it works, and refuses.
    """
    try:
        yield
    except PiSovereignError:
        raise
    except (imaplib.IMAP4.error, smtplib.SMTPException, OSError, *_NONSENSE) as error:
        raise _meaning(host, error) from error


def _meaning(host: str, error: Exception) -> UpstreamError:
    match error:
        case LoginError() | smtplib.SMTPAuthenticationError():
            return LoginRefused(_login(host, error))
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


def _login(host: str, error: Exception) -> str:
    said = str(error).lower()
    if "application-specific" in said or "app password" in said or "app-specific" in said:
        return f"{host} wants a password made for this program (an app password)"
    return f"{host} does not accept the login: check email.username and email.password"
