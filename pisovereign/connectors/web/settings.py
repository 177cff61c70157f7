"""Settings of `search` and `web`: searching the web, and reading its pages."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class SearchConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Searching the web, with a SearXNG of somebody's own."""

    url: Annotated[
        str,
        setting(
            "URL of a SearXNG whose JSON answers are on, such as https://search.example; empty: "
            "the web is not searched.",
            rules.server_if_any,
        ),
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest time for one search, in seconds.", ge=1, le=60)
    ] = 15.0


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
