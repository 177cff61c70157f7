"""TLS for outgoing connections: always verified, by the system's authorities or one more."""

from __future__ import annotations

import functools
import ssl

from pisovereign.errors import Refused


class Tls:
    """The one TLS context that every outbound connection uses.

    Args:
        ca_file: a PEM file with further certificate authorities; empty: none.
    """

    def __init__(self, ca_file: str = "") -> None:
        self._ca_file = ca_file

    @functools.cached_property
    def context(self) -> ssl.SSLContext:
        """Return the context, which verifies certificate and host name; at least TLS 1.2.

        Raises:
            Refused: `outbound.ca_file` cannot be read.
        """
        context = ssl.create_default_context()
        if self._ca_file:
            try:
                context.load_verify_locations(self._ca_file)
            except (OSError, ssl.SSLError):
                raise Refused(
                    "outbound.ca_file is not a readable PEM file with certificates"
                ) from None
        return context
