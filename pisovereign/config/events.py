"""Settings of `events`: events that clients can follow."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class EventsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of what is told to a user's programs without being asked for."""

    keep: Annotated[
        int,
        setting(
            "Number of past events of each user that a stream can resume from.", ge=10, le=1_000_000
        ),
    ] = 1000
