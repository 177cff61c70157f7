"""Settings of `outbound`: connections to other servers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class OutboundConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How other servers are reached: weather, calendar, mail, WhatsApp."""

    allow_hosts: Annotated[
        tuple[str, ...],
        setting(
            "Hosts, or `host:port`, that may be on the local network and may be asked without "
            "TLS. Those of the integrations' own addresses need not be repeated.",
            rules.hosts,
        ),
    ] = ()
    ca_file: Annotated[
        str, setting("A PEM file with a further authority that certificates may be signed by.")
    ] = ""
    connect_timeout_s: Annotated[
        float, setting("Longest wait for a name or a connection, in seconds.", ge=0.1, le=60)
    ] = 5.0
    timeout_s: Annotated[
        float,
        setting("Longest time one request may take with all its tries.", ge=0.1, le=300),
    ] = 20.0
    response_limit_bytes: Annotated[
        int, setting("Largest answer that is read, in bytes.", ge=KIB, le=256 * MIB)
    ] = 4 * MIB
    tries: Annotated[
        int, setting("How often a question is asked when the host fails.", ge=1, le=10)
    ] = 3
    breaker_failures: Annotated[
        int, setting("Failures in a row after which a host is given a pause.", ge=1, le=100)
    ] = 5
    breaker_pause_s: Annotated[
        float, setting("Length of that pause, in seconds.", ge=0.1, le=3600)
    ] = 30.0
