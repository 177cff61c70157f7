"""Settings of `approvals`: decisions that a person makes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class ApprovalsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of approvals, which wait for a person's decision."""

    expires_minutes: Annotated[
        int, setting("Minutes after which an undecided approval expires.", ge=1, le=10_080)
    ] = 30
    deliver: Annotated[
        tuple[str, ...],
        setting(
            "How people are told that something waits for them: `push`, `mail` or the name of a "
            "messenger; open pages and `events` always tell of it.",
            rules.each_once,
        ),
    ] = ("events", "push")
