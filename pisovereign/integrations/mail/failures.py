"""What goes wrong with mail servers, in words; never with what a server said, or a secret."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
from collections.abc import Iterator

from imapclient.exceptions import LoginError

from pisovereign.errors import PiSovereignError, UpstreamError
from pisovereign.outbound.errors import HostFailed

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
    except (LoginError, smtplib.SMTPAuthenticationError) as error:
        raise LoginRefused(_login(host, error)) from None
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it is not valid"
        raise UpstreamError(f"The certificate of {host} is not accepted: {reason}") from None
    except ssl.SSLError:
        raise HostFailed(f"There is no TLS with {host}: check port and security") from None
    except TimeoutError:
        raise HostFailed(f"{host} did not answer in time") from None
    except (smtplib.SMTPServerDisconnected, imaplib.IMAP4.abort) as error:
        if isinstance(error.__context__, TimeoutError):
            raise HostFailed(f"{host} did not answer in time") from None
        raise HostFailed(f"{host} ended the connection") from None
    except smtplib.SMTPConnectError as error:
        raise HostFailed(f"{host} is not ready (status {error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        raise UpstreamError(f"{host} refused, with status {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise UpstreamError(f"{host} does not offer what is needed: check security") from None
    except (imaplib.IMAP4.error, smtplib.SMTPException):
        raise UpstreamError(f"{host} refused a request, or answered what is no answer") from None
    except OSError:
        raise HostFailed(f"The connection to {host} broke") from None
    except _NONSENSE:
        raise UpstreamError(f"{host} answered what is no answer") from None


def _login(host: str, error: Exception) -> str:
    said = str(error).lower()
    if "application-specific" in said or "app password" in said or "app-specific" in said:
        return f"{host} wants a password made for this program (an app password)"
    return f"{host} does not accept the login: check email.username and email.password"
