"""Settings of `web`: reading pages."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class WebConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Reading pages of the web that somebody names."""

    read_pages: Annotated[bool, setting("Whether pages are read at all.")] = True
    allow_hosts: Annotated[
        tuple[str, ...],
        setting(
            "Hosts, or `host:port`, whose pages are read although they are on the local network or "
            "use http. What `outbound.allow_hosts` and integrations name is not among them.",
            rules.hosts,
        ),
    ] = ()
    timeout_s: Annotated[
        float,
        setting("Longest time for one page with its redirects, in seconds.", ge=1, le=60),
    ] = 15.0
    page_limit_bytes: Annotated[
        int, setting("Largest page that is read, in bytes.", ge=KIB, le=32 * MIB)
    ] = 4 * MIB
