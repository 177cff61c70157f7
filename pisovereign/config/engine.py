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
        bool, setting("Measure the fastest settings of a model, once the device has nothing to do.")
    ] = True
    tune_after_s: Annotated[
        int,
        setting(
            "Seconds in which nobody asks the engine before it is measured; 0: before the first"
            " start with a model, which takes a minute longer.",
            ge=0,
            le=86400,
        ),
    ] = 120
    threads: Annotated[int, setting("Threads for the model; 0: measured.", ge=0, le=256)] = 0
    flash_attention: Annotated[
        Literal["auto", "on", "off"],
        setting("Use flash attention; `auto`: measured."),
    ] = "auto"
    kv_type: Annotated[
        Literal["auto", "f16", "q8_0"],
        setting(
            "Format of the KV cache. `q8_0` takes half the memory, changes answers slightly and"
            " needs flash attention; `auto`: measured."
        ),
    ] = "auto"
    kv_unified: Annotated[
        Literal["auto", "on", "off"],
        setting("Keep the KV cache of all answers in one buffer; `auto`: measured."),
    ] = "auto"
    weights: Annotated[
        Literal["auto", "file", "q8_0"],
        setting(
            "Use the weights as they are in the model's file, or converted to 8 bits, which is "
            "faster on some processors and takes up to twice the space; `auto`: measured."
        ),
    ] = "auto"
    batch: Annotated[
        int, setting("Maximum tokens computed in one step; 0: 256.", rules.batch, ge=0, le=2048)
    ] = 0
    omp_wait_policy: Annotated[
        Literal["auto", "passive", "active"],
        setting(
            "How threads wait for each other: asleep, or actively for a moment first; `auto`: "
            "measured."
        ),
    ] = "auto"
    parallel: Annotated[
        int,
        setting(
            "Answers generated at the same time, fewer if memory is short; 0: 4, and up to 8 where "
            "memory is plenty.",
            ge=0,
            le=64,
        ),
    ] = 0
    prompt_lookup: Annotated[
        bool,
        setting(
            "Guess how an answer goes on where it repeats the prompt, as long as that is measured "
            "to be faster."
        ),
    ] = True
    cache_bytes: Annotated[
        int,
        setting(
            "Memory for the KV cache of conversations that are not being answered, and for "
            "checkpoints of hybrid models, in bytes.",
            ge=0,
            le=64 * 1024**3,
        ),
    ] = 256 * MIB
    queue: Annotated[
        int,
        setting("Requests that may wait for the engine; further ones are refused.", ge=1, le=1024),
    ] = 16
    embedding_precision: Annotated[
        Literal["int8", "fp32"], setting("Precision of the embedding models.")
    ] = "int8"

    @property
    def tunes_while_idle(self) -> bool:
        """Return whether settings are measured while nobody asks."""
        return self.tune and self.tune_after_s > 0

    @property
    def answers_at_once(self) -> int:
        """Return how many answers there is a place for, if memory is not short."""
        return self.parallel or 4
