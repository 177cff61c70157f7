"""Settings of `memory`: memories."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import MIB, setting


class MemoryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How memories are kept, and how chat uses them."""

    chat_limit: Annotated[
        int, setting("Most memories that a chat message is sent with; 0: none.", ge=0, le=20)
    ] = 5
    chat_threshold: Annotated[
        float,
        setting("Least cosine of a memory and an English message it is sent with.", ge=0, le=1),
    ] = 0.4
    learn: Annotated[
        bool,
        setting("Learn from what users say in chat, unless a request says otherwise with `learn`."),
    ] = True
    learn_with_model: Annotated[
        bool,
        setting("Let the model choose further sentences to learn, which takes its time."),
    ] = False

    merge_threshold: Annotated[
        float,
        setting("Least cosine of two memories that may be merged into one.", ge=0.5, le=1.0),
    ] = 0.85
    half_life_days: Annotated[
        float,
        setting("Days without use in which a memory loses half of its importance.", ge=1, le=3650),
    ] = 90.0
    delete_below: Annotated[
        float,
        setting("Importance below which a memory is deleted; 0: none is.", ge=0.0, le=1.0),
    ] = 0.0
    access_flush_s: Annotated[
        float,
        setting("Seconds between two writes of how often memories were used.", ge=1, le=3600),
    ] = 60.0
    index_bytes: Annotated[
        int,
        setting("Memory of one API worker for the indexes of memories.", ge=0, le=64 * 1024**3),
    ] = 64 * MIB
