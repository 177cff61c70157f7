"""Settings of `cache`: values kept in memory."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import KIB, MIB, setting


class CacheConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of what each API worker keeps in memory for a while, so as not to ask again."""

    bytes: Annotated[
        int, setting("Approximate memory of the cache, in bytes.", ge=64 * KIB, le=1024 * MIB)
    ] = 8 * MIB
    entries: Annotated[int, setting("Maximum number of cached values.", ge=16, le=1_000_000)] = 4096
    answers_s: Annotated[
        float,
        setting(
            "How long an answer at temperature 0 is reused for the same user and exactly the "
            "same prompt, in seconds; 0: never.",
            ge=0,
            le=86400,
        ),
    ] = 600.0
    embeddings_s: Annotated[
        float,
        setting(
            "How long the embedding of what a user searched or said is kept, in seconds; 0: not"
            " at all.",
            ge=0,
            le=86400,
        ),
    ] = 3600.0
