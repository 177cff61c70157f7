"""Settings of `reminders`: reminders."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class RemindersConfig(msgspec.Struct, frozen=True, kw_only=True):
    """When reminders are told, and how often they can be put off."""

    snooze_minutes: Annotated[
        int,
        setting("Minutes by which a reminder is snoozed if a request names none.", ge=1, le=10_080),
    ] = 15
    snooze_limit: Annotated[int, setting("How often a reminder can be snoozed.", ge=0, le=1000)] = 5
    deliver: Annotated[
        tuple[str, ...],
        setting(
            "How reminders are delivered: `push`, `mail` or the name of a messenger; open pages "
            "and `events` always tell of them.",
            rules.each_once,
        ),
    ] = ("events", "push")
    check_s: Annotated[
        float,
        setting(
            "Seconds between two checks for due reminders; known reminders are delivered on time.",
            ge=1,
            le=3600,
        ),
    ] = 60.0
