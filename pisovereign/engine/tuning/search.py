"""Staged search: threads, form of the KV cache, its buffers, micro-batch, and a final.

Pure: what measures is an argument. A stage races its contestants in rounds that take turns, so that
a busy moment hits all of them; those that cannot win any more are not measured again. In the final,
what was found runs the whole mix against what the search started from. Of each setting the simplest
value is tried first.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from pisovereign.engine.compute_settings import ComputeSettings, KvType, PinnedSettings
from pisovereign.engine.tuning.trials import HOPELESS, Trial, choose, hopeful
from pisovereign.engine.tuning.workload import BATCHED, PARTS, SINGLE, Part, Timings, cost

_MICRO_BATCHES = (256, 128, 64, 512)
_LAYOUTS: Sequence[tuple[bool, KvType]] = ((False, "f16"), (True, "f16"), (True, "q8_0"))


def thread_counts(cores: int) -> list[int]:
    """Return numbers of threads: all up to four, then powers of two, all cores, and all but one."""
    powers = itertools.takewhile(lambda count: count <= cores, (1, 2, 3, 4, 8, 16, 32, 64))
    return sorted({*powers, max(1, cores - 1), cores})


def with_threads(
    start: ComputeSettings, wishes: PinnedSettings, cores: int
) -> list[ComputeSettings]:
    """Return `start`, and `start` with each number of threads for all steps."""
    counts = [wishes.threads] if wishes.threads else thread_counts(cores)
    made = (msgspec.structs.replace(start, threads=count, batch_threads=count) for count in counts)
    return list(dict.fromkeys((start, *made)))


def with_layouts(start: ComputeSettings, wishes: PinnedSettings) -> list[ComputeSettings]:
    """Return `start` with each kind of attention and type of the KV cache."""
    made = (
        msgspec.structs.replace(start, flash_attention=flash, kv_type=kv_type)
        for flash, kv_type in _LAYOUTS
    )
    return _allowed(start, made, wishes)


def with_buffers(start: ComputeSettings, wishes: PinnedSettings) -> list[ComputeSettings]:
    """Return `start` with a KV buffer for each sequence, and with one for all."""
    made = (msgspec.structs.replace(start, kv_unified=unified) for unified in (False, True))
    return _allowed(start, made, wishes)


def with_micro_batches(start: ComputeSettings, largest: int) -> list[ComputeSettings]:
    """Return `start` with each micro-batch that fits into a step and makes a difference.

    Where `largest` tokens are read at once, all micro-batches with room for them are the same.
    """
    before = min(start.micro_batch, largest)
    made = (
        msgspec.structs.replace(start, micro_batch=size)
        for size in _MICRO_BATCHES
        if size <= start.batch and min(size, largest) != before
    )
    return list(dict.fromkeys((start, *made)))


def _allowed(
    start: ComputeSettings, made: Iterable[ComputeSettings], wishes: PinnedSettings
) -> list[ComputeSettings]:
    allowed = (settings for settings in made if wishes.apply(settings) == settings)
    return list(dict.fromkeys((start, *allowed)))


StageName = Literal["threads", "layout", "buffers", "micro_batch", "final"]
Measure = Callable[[ComputeSettings, Sequence[Part]], Timings]

# What a stage is decided by.
FIGURES: Mapping[StageName, Sequence[tuple[Part, ...]]] = {
    "threads": (SINGLE, BATCHED),
    "layout": (PARTS,),
    "buffers": (PARTS,),
    "micro_batch": (("reading",),),
    "final": (PARTS,),
}


class Unusable(Exception):
    """The model cannot be computed with these settings; the text says why."""


class OutOfTime(Exception):
    """The time for measuring is over."""


class Stage(msgspec.Struct, kw_only=True):
    """One stage: what was tried, and what was chosen."""

    name: StageName
    trials: list[Trial]
    chosen: ComputeSettings


class Found(msgspec.Struct, kw_only=True):
    """Result of a search.

    Attributes:
        cost: seconds that the mix takes with the settings; None if there was no time to measure it.
        complete: False when the time was over before the end.
    """

    settings: ComputeSettings
    stages: list[Stage]
    cost: float | None
    complete: bool


class Search:
    """Looks for the fastest settings.

    Args:
        measure: takes the time of parts of the mix; raises Unusable or OutOfTime.
        wishes: what is decided already.
        cores: physical cores.
        most_read: most tokens that `measure` reads at once.
        hurry: tells whether there is no time to repeat what was measured once.
    """

    def __init__(
        self,
        measure: Measure,
        wishes: PinnedSettings,
        *,
        cores: int,
        most_read: int,
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._measure = measure
        self._wishes = wishes
        self._cores = cores
        self._most_read = most_read
        self._in_a_hurry = hurry
        self._in_time = True

    def run(self, start: ComputeSettings, stages: Sequence[StageName]) -> Found:
        """Search from `start`, which fulfills the wishes."""
        settings, run = start, list[Stage]()
        for name in stages:
            contestants = self._contestants(name, start, settings)
            if self._in_time and (len(contestants) > 1 or name == "final"):
                run.append(self._stage(name, contestants))
                settings = run[-1].chosen
        return Found(
            settings=settings, stages=run, cost=_cost(settings, run), complete=self._in_time
        )

    def _contestants(
        self, name: StageName, start: ComputeSettings, found: ComputeSettings
    ) -> list[ComputeSettings]:
        """Return what runs in a stage; the first one stays unless another one is better."""
        match name:
            case "threads":
                return with_threads(found, self._wishes, self._cores)
            case "layout":
                return with_layouts(found, self._wishes)
            case "buffers":
                return with_buffers(found, self._wishes)
            case "micro_batch":
                return with_micro_batches(found, self._most_read)
            case "final":
                return list(dict.fromkeys((start, found)))

    def _stage(self, name: StageName, contestants: Sequence[ComputeSettings]) -> Stage:
        figures = FIGURES[name]
        trials = self._race(contestants, figures)
        chosen = [choose(contestants[0], trials, figure) for figure in figures]
        # Threads are chosen twice: for steps of one token and for all others.
        both = msgspec.structs.replace(chosen[0], batch_threads=chosen[-1].batch_threads)
        return Stage(name=name, trials=trials, chosen=both)

    def _race(
        self, contestants: Sequence[ComputeSettings], figures: Sequence[tuple[Part, ...]]
    ) -> list[Trial]:
        """Measure the contestants in turns until it is clear who is fastest."""
        parts = tuple(dict.fromkeys(part for figure in figures for part in figure))
        trials = [Trial(settings=settings) for settings in contestants]
        running = trials
        try:
            for limit in HOPELESS:
                for trial in running:
                    self._sample(trial, parts)
                running = hopeful(trials, figures, limit)
                # One part alone is measured so quickly that it is always repeated.
                if len(running) < 2 or (self._in_a_hurry() and len(parts) > 1):
                    break
        except OutOfTime:
            self._in_time = False
        return trials

    def _sample(self, trial: Trial, parts: Sequence[Part]) -> None:
        try:
            timings = self._measure(trial.settings, parts)
        except Unusable as error:
            trial.failure = str(error)
            return
        for part, seconds in timings.items():
            trial.samples.setdefault(part, []).append(seconds)


def _cost(settings: ComputeSettings, stages: Sequence[Stage]) -> float | None:
    """Return seconds for the whole mix: medians over the stages in which the settings ran it."""
    whole = [
        trial
        for stage in stages
        for trial in stage.trials
        if trial.settings == settings and trial.samples.keys() >= set(PARTS)
    ]
    if not whole:
        return None
    return cost(
        {part: statistics.median(s for t in whole for s in t.samples[part]) for part in PARTS}
    )
