"""Settings of `chat`: conversations."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class ChatConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How conversations are led."""

    system_prompt: Annotated[
        str, setting("The system prompt of the model.", min_length=1, max_length=8000)
    ] = (
        # Small models are right most often with this: see docs/benchmarks.md.
        "You are a helpful AI assistant named PiSovereign."
    )
    commands: Annotated[
        bool,
        setting(
            "Execute messages that are clearly commands, unless a request says otherwise with "
            "`commands`."
        ),
    ] = True
    clock: Annotated[bool, setting("Tell the model the date and time with each message.")] = True
