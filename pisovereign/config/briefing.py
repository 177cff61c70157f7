"""Settings of `briefing`: the briefing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class BriefingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The briefing."""

    source_timeout_s: Annotated[
        float,
        setting(
            "Longest time that a briefing waits for each of its sources, in seconds.", ge=0.1, le=60
        ),
    ] = 5.0
