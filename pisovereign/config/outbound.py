"""Settings of `outbound`: connections to other servers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class OutboundConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How other servers are reached: weather, calendar, mail, messengers."""

    allow_hosts: Annotated[
        tuple[str, ...],
        setting(
            "Hosts, or `host:port`, that may be on the local network and may be contacted "
            "without TLS. Hosts of the configured integrations need not be repeated.",
            rules.hosts,
        ),
    ] = ()
    ca_file: Annotated[
        str, setting("A PEM file with a further certificate authority to trust.")
    ] = ""
    connect_timeout_s: Annotated[
        float, setting("Longest wait for a name lookup or a connection, in seconds.", ge=0.1, le=60)
    ] = 5.0
    timeout_s: Annotated[
        float,
        setting(
            "Longest time that one request may take including retries, in seconds.", ge=0.1, le=300
        ),
    ] = 20.0
    response_limit_bytes: Annotated[
        int, setting("Largest response that is read, in bytes.", ge=KIB, le=256 * MIB)
    ] = 4 * MIB
    tries: Annotated[
        int, setting("Maximum number of attempts of a request that only reads.", ge=1, le=10)
    ] = 3
    breaker_failures: Annotated[
        int,
        setting(
            "Consecutive failures after which a host is not contacted for a while.", ge=1, le=100
        ),
    ] = 5
    breaker_pause_s: Annotated[
        float, setting("Length of that pause, in seconds.", ge=0.1, le=3600)
    ] = 30.0
