"""Settings of `engine`: the built-in engine process."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import MIB, setting


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The built-in engine process."""

    socket: Annotated[
        str, setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    context_length: Annotated[
        int,
        setting(
            "Context length in tokens; 0: the model's own, or what memory allows.", ge=0, le=131072
        ),
    ] = 0
    tune: Annotated[
        bool, setting("Find the fastest settings once, before the first start with a model.")
    ] = True
    threads: Annotated[int, setting("Threads for the model; 0: found.", ge=0, le=256)] = 0
    flash_attention: Annotated[
        Literal["auto", "on", "off"],
        setting("Compute attention in one pass; `auto`: found."),
    ] = "auto"
    kv_type: Annotated[
        Literal["auto", "f16", "q8_0"],
        setting(
            "How keys and values are kept. `q8_0` takes half the memory, changes answers a little "
            "and needs flash attention; `auto`: found."
        ),
    ] = "auto"
    kv_unified: Annotated[
        Literal["auto", "on", "off"],
        setting("Keep keys and values of all answers in one buffer; `auto`: found."),
    ] = "auto"
    weights: Annotated[
        Literal["auto", "file", "q8_0"],
        setting(
            "The model's weights as its file has them, or converted to 8 bits, which some "
            "processors compute faster and which takes up to twice the room; `auto`: found."
        ),
    ] = "auto"
    batch: Annotated[
        int, setting("Most tokens computed in one step; 0: 256.", rules.batch, ge=0, le=2048)
    ] = 0
    omp_wait_policy: Annotated[
        Literal["auto", "passive", "active"],
        setting(
            "How threads wait for each other: asleep, or active for a moment first; `auto`: found."
        ),
    ] = "auto"
    parallel: Annotated[
        int, setting("Answers written at once; fewer if memory is short.", ge=1, le=64)
    ] = 4
    cache_bytes: Annotated[
        int,
        setting("Memory for conversations that others took the place of.", ge=0, le=64 * 1024**3),
    ] = 256 * MIB
    queue: Annotated[int, setting("Requests that may wait for the engine.", ge=1, le=1024)] = 16
    embedding_model: Annotated[str, setting("The model for embeddings.", min_length=1)] = (
        "all-minilm-l6-v2"
    )
    embedding_precision: Annotated[
        Literal["int8", "fp32"], setting("Which of its two forms is loaded.")
    ] = "int8"
