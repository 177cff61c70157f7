"""Settings of `chat`: conversations."""

from __future__ import annotations

from typing import Annotated, Literal

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
    tools: Annotated[
        Literal["auto", "on", "off"],
        setting(
            "Let the model call tools: `auto` where it has passed its test, `on` without a test, "
            "`off` never."
        ),
    ] = "auto"
    max_tool_rounds: Annotated[
        int,
        setting("How often a model may call tools before it has to answer.", ge=1, le=10),
    ] = 4
    health_caution: Annotated[
        bool,
        setting("Answer questions of health and safety with whom to ask, not by the model."),
    ] = True
    clock: Annotated[bool, setting("Tell the model the date and time with each message.")] = True
    resume_grace_s: Annotated[
        float,
        setting(
            "How many seconds a resumable answer goes on without its client.",
            ge=0,
            le=3600,
        ),
    ] = 60.0
    told_after_s: Annotated[
        float,
        setting(
            "Of an answer that takes longer than so many seconds its reader is told that they need "
            "not wait for it, and once it is there.",
            ge=0,
            le=3600,
        ),
    ] = 60.0
