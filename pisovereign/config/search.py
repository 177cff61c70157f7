"""Settings of `search`: searching the web."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


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
