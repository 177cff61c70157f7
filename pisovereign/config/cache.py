"""Settings of `cache`: values kept in memory."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import KIB, MIB, setting


class CacheConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept for a while in the memory of each API worker, so as not to be asked again."""

    bytes: Annotated[
        int, setting("Memory that it may take, about.", ge=64 * KIB, le=1024 * MIB)
    ] = 8 * MIB
    entries: Annotated[int, setting("Values that it may hold.", ge=16, le=1_000_000)] = 4096
    answers_s: Annotated[
        float,
        setting(
            "How long an answer at temperature 0 is given again to the same user for exactly the "
            "same prompt, in seconds; 0: each is computed.",
            ge=0,
            le=86400,
        ),
    ] = 600.0
    embeddings_s: Annotated[
        float,
        setting(
            "How long the vector of what a user searched or said is kept, in seconds; 0: not.",
            ge=0,
            le=86400,
        ),
    ] = 3600.0
