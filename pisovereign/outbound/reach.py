"""Whether a server can be reached, for tests that people ask for. Blocks; for threads."""

from __future__ import annotations

import datetime as dt
import ssl
from typing import NamedTuple

from pisovereign.errors import HostFailed, UpstreamError
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls

_LIMIT_S = 15.0


class Encryption(NamedTuple):
    """How a connection is encrypted, and until when the server's certificate is valid."""

    version: str
    until: dt.date | None


def check_connection(gate: Gate, host: str, port: int) -> None:
    """Connect, and close the connection.

    Raises:
        UpstreamError: That is not possible, or not allowed.
    """
    gate.create_socket(host, port, _LIMIT_S).close()


def check_tls(gate: Gate, tls: Tls, host: str, port: int) -> Encryption:
    """Connect with TLS, and return what was agreed on.

    Raises:
        UpstreamError: There is none, or the certificate is not accepted.
    """
    plain = gate.create_socket(host, port, _LIMIT_S)
    try:
        with tls.context.wrap_socket(plain, server_hostname=host) as wrapped:
            return _describe(wrapped)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it is not valid"
        raise UpstreamError(f"The certificate of {host} is not accepted: {reason}") from None
    except OSError:  # also those of TLS
        raise HostFailed(f"There is no TLS at {host}:{port}: check port and security") from None
    finally:
        plain.close()


def _describe(wrapped: ssl.SSLSocket) -> Encryption:
    until = str((wrapped.getpeercert() or {}).get("notAfter", ""))
    day = (
        dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(until), dt.UTC).date() if until else None
    )
    return Encryption(wrapped.version() or "TLS", day)
