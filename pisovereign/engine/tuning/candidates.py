"""What is tried: the values of each setting, the simplest first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import msgspec

from pisovereign.engine.compute import ComputeSettings, KvType, Wishes

_MICRO_BATCHES = (256, 128, 64, 512)
_LAYOUTS: Sequence[tuple[bool, KvType]] = ((False, "f16"), (True, "f16"), (True, "q8_0"))


def thread_counts(cores: int) -> list[int]:
    """Numbers of threads: all up to four cores, then powers of two, all cores, and all but one."""
    powers = itertools.takewhile(lambda count: count <= cores, (1, 2, 3, 4, 8, 16, 32, 64))
    return sorted({*powers, max(1, cores - 1), cores})


def with_threads(start: ComputeSettings, wishes: Wishes, cores: int) -> list[ComputeSettings]:
    """`start`, and `start` with each number of threads for all steps."""
    counts = [wishes.threads] if wishes.threads else thread_counts(cores)
    made = (msgspec.structs.replace(start, threads=count, batch_threads=count) for count in counts)
    return list(dict.fromkeys((start, *made)))


def with_layouts(start: ComputeSettings, wishes: Wishes) -> list[ComputeSettings]:
    """`start` with each kind of attention and type of the KV cache."""
    made = (
        msgspec.structs.replace(start, flash_attention=flash, kv_type=kv_type)
        for flash, kv_type in _LAYOUTS
    )
    return _allowed(start, made, wishes)


def with_buffers(start: ComputeSettings, wishes: Wishes) -> list[ComputeSettings]:
    """`start` with a KV buffer for each sequence, and with one for all."""
    made = (msgspec.structs.replace(start, kv_unified=unified) for unified in (False, True))
    return _allowed(start, made, wishes)


def with_micro_batches(start: ComputeSettings, largest: int) -> list[ComputeSettings]:
    """`start` with each micro-batch that is not larger than a step, nor than `largest`.

    Where less is read at once than the micro-batch has room for, a larger one is the same.
    """
    made = (
        msgspec.structs.replace(start, micro_batch=size)
        for size in _MICRO_BATCHES
        if size <= min(start.batch, largest)
    )
    return list(dict.fromkeys((start, *made)))


def _allowed(
    start: ComputeSettings, made: Iterable[ComputeSettings], wishes: Wishes
) -> list[ComputeSettings]:
    allowed = (settings for settings in made if wishes.apply(settings) == settings)
    return list(dict.fromkeys((start, *allowed)))
