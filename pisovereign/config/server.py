"""Settings of `server`: where and how the API listens."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how the API listens."""

    host: Annotated[str, setting("Address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting("Port to listen on.", ge=1, le=65535)] = 3000
    names: Annotated[
        tuple[str, ...],
        setting(
            "Further host names of this server, such as those of a proxy; `/mcp` and set-up "
            "refuse requests for others.",
            rules.names,
        ),
    ] = ()
    announce: Annotated[
        bool,
        setting(
            "Announce in the local network, through Avahi, what other machines can reach; nothing "
            "that listens on loopback only."
        ),
    ] = True
    workers: Annotated[int, setting("Number of API worker processes.", ge=1, le=16)] = 1
    environment: Annotated[
        Literal["development", "production"],
        setting("`production` refuses API keys in plain text in this file."),
    ] = "development"
    time_zone: Annotated[
        str,
        setting(
            "The time zone of who chose none, such as Europe/Berlin; empty: the host's, or if that "
            "was never set the one of the first person's browser.",
            rules.time_zone,
        ),
    ] = ""
    body_limit_bytes: Annotated[
        int, setting("Largest request body, in bytes.", ge=KIB, le=64 * MIB)
    ] = MIB
    body_timeout_s: Annotated[
        float, setting("Time a client may take to send a request body, in seconds.", ge=1, le=600)
    ] = 15.0
    write_timeout_s: Annotated[
        float,
        setting("Time a client may take to accept a part of a response, in seconds.", ge=1, le=600),
    ] = 30.0
    shutdown_grace_s: Annotated[
        int,
        setting(
            "Time that running requests have to finish when the server stops, in seconds.",
            ge=1,
            le=600,
        ),
    ] = 20
    trusted_proxies: Annotated[
        tuple[str, ...],
        setting(
            "Addresses of proxies whose `X-Forwarded-For` is trusted, read from the right.",
            rules.networks,
        ),
    ] = ()
