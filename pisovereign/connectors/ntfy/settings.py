"""Settings of `ntfy`: notifications over a server of ntfy's kind."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class NtfyConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications that an app of ntfy's shows; whoever runs the server can read them."""

    topic: Annotated[
        str,
        setting(
            "The topic; whoever knows it can read along, so make it long; empty: no ntfy.",
            pattern="^[A-Za-z0-9_-]{0,64}$",
            max_length=64,
        ),
    ] = ""
    user_id: Annotated[
        str,
        setting(
            "The user (UUID) who is told there; may be empty if there is only one user.",
            rules.user_id_or_empty,
        ),
    ] = ""
    server: Annotated[str, setting("The server.", rules.server)] = "https://ntfy.sh"
    token: Annotated[
        str,
        setting(
            "An access token, where the server wants one.",
            pattern="^[A-Za-z0-9_-]{0,128}$",
            max_length=128,
            secret=True,
        ),
    ] = ""
    token_file: Annotated[str, setting("A file that contains it.")] = ""
    priority: Annotated[
        Literal["min", "low", "default", "high", "urgent"],
        setting("How loud notifications are."),
    ] = "high"
    show_text: Annotated[
        bool, setting("Show the text of reminders and results; otherwise only that there is one.")
    ] = True
    show_approvals: Annotated[
        bool, setting("Show what waits for an approval; otherwise only that something waits.")
    ] = False
    page_url: Annotated[
        str,
        setting(
            "The address at which you open the page, for a press on a notification; empty: none.",
            rules.server_if_any,
        ),
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest time that one notification may take, in seconds.", ge=1, le=60)
    ] = 10.0
