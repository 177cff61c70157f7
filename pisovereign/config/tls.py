"""Settings of `tls`: encrypted connections from the local network."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config.rules import setting


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the API speaks TLS, and with which certificate."""

    mode: Annotated[
        Literal["off", "own-ca", "files"],
        setting(
            "`own-ca`: with a certificate of an authority that this device makes for itself; "
            "`files`: with a given one; `off`: no TLS, or that of a proxy."
        ),
    ] = "off"
    port: Annotated[int, setting("Port for TLS, beside `server.port`.", ge=1, le=65535)] = 3443
    certificate_file: Annotated[
        str,
        setting("For `files`: a PEM file with the certificate, followed by those that signed it."),
    ] = ""
    key_file: Annotated[str, setting("For `files`: a PEM file with its private key.")] = ""
    hsts_days: Annotated[
        int,
        setting(
            "Days for which browsers insist on TLS for the names in `server.names` that are of "
            "the public name system; 0: they do not.",
            ge=0,
            le=730,
        ),
    ] = 30
