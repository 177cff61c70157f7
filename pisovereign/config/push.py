"""Settings of `push`: messages to browsers that are closed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class PushConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of what browsers and phones are told over their makers' push services."""

    show_text: Annotated[
        bool,
        setting(
            "Show what a message is about, also on a locked screen; otherwise only that it came."
        ),
    ] = True
    contact: Annotated[
        str,
        setting(
            "Whom a push service may write to, as `mailto:` or `https:`; some refuse messages "
            "without one.",
            max_length=200,
            pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://\S+)$",
        ),
    ] = "mailto:owner@example.com"
