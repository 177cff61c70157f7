"""Settings of `retention`: how long what is over is kept."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class RetentionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """After how long, and beyond how many, what is over is deleted."""

    audit_days: Annotated[
        int,
        setting(
            "Days after which entries of the audit log are deleted, but for the newest 1000 of "
            "each user; 0: never.",
            ge=0,
            le=36_500,
        ),
    ] = 730
    audit_entries: Annotated[
        int,
        setting(
            "Number of entries of each user's audit log beyond which the oldest are deleted.",
            ge=1000,
            le=10_000_000,
        ),
    ] = 100_000
    approval_days: Annotated[
        int,
        setting("Days after which an approval that is over is deleted; 0: never.", ge=0, le=36_500),
    ] = 365
    approvals: Annotated[
        int,
        setting(
            "Number of approvals of each user beyond which the oldest that are over are deleted.",
            ge=200,
            le=1_000_000,
        ),
    ] = 10_000
    event_days: Annotated[
        int,
        setting(
            "Days after which past events are deleted, of the `events.keep` that are kept; "
            "0: never.",
            ge=0,
            le=36_500,
        ),
    ] = 90
    reminder_days: Annotated[
        int,
        setting("Days after which a reminder that is done is deleted; 0: never.", ge=0, le=36_500),
    ] = 365
    conversation_days: Annotated[
        int,
        setting(
            "Days without a message after which a conversation is deleted, unless it is pinned; "
            "0: never.",
            ge=0,
            le=36_500,
        ),
    ] = 0
    check_s: Annotated[
        float,
        setting("Seconds between two looks for what is to be deleted.", ge=1, le=86_400),
    ] = 3600.0
