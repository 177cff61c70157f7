"""Staged search: threads, form of the KV cache, its buffers, micro-batch, and a final.

Pure: what measures is an argument. A stage races its contestants in rounds that take turns, so that
a busy moment hits all of them; those that cannot win any more are not measured again. The simplest
contestant stays unless another one is faster by a margin. In the final, what was found runs the
whole mix against what the search started from.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from pisovereign.engine.compute import ComputeSettings, Wishes
from pisovereign.engine.tuning import candidates
from pisovereign.engine.tuning.mix import BATCHED, PARTS, SINGLE, Part, Timings, cost

StageName = Literal["threads", "layout", "buffers", "micro_batch", "final"]
Measure = Callable[[ComputeSettings, Sequence[Part]], Timings]

ROUNDS = 3
# Two runs of the same settings differ by 3 % here; beyond 15 % no repetition turns the order round.
MARGIN, HOPELESS = 0.03, 0.15
# Flash attention, a q8_0 cache and one buffer for all each have to save this much. With the
# defaults a prompt has the same logits, bit for bit, however much of it was computed before. With
# flash attention or one buffer they differ by up to 0.02 of their spread, and q8_0 rounds the cache
# itself: the same question may get another answer. Also, in a buffer that is in pieces a copied
# conversation finds no stretch of its whole length, and its prompt is computed again.
DRAWBACK_MARGIN = 0.05
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


class Trial(msgspec.Struct, kw_only=True):
    """Settings and what was measured with them.

    Attributes:
        samples: seconds for a token read or a step written, one number a round.
        failure: why they cannot be used; empty if they can.
    """

    settings: ComputeSettings
    samples: dict[Part, list[float]] = {}
    failure: str = ""

    @property
    def timings(self) -> dict[Part, float]:
        """Medians of the samples."""
        return {part: statistics.median(values) for part, values in self.samples.items()}


class Stage(msgspec.Struct, kw_only=True):
    """One race: who ran, who won."""

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
        wishes: Wishes,
        *,
        cores: int,
        most_read: int,
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._measure = measure
        self._wishes = wishes
        self._cores = cores
        self._most_read = most_read
        self._hurry = hurry
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
        """What runs in a stage; the first one stays unless another one is better."""
        match name:
            case "threads":
                return candidates.with_threads(found, self._wishes, self._cores)
            case "layout":
                return candidates.with_layouts(found, self._wishes)
            case "buffers":
                return candidates.with_buffers(found, self._wishes)
            case "micro_batch":
                return candidates.with_micro_batches(found, self._most_read)
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
            for _ in range(ROUNDS):
                for trial in running:
                    self._sample(trial, parts)
                running = hopeful(trials, figures)
                if len(running) < 2 or self._hurry():
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


def hopeful(trials: Sequence[Trial], figures: Sequence[tuple[Part, ...]]) -> list[Trial]:
    """Those that are so near to the fastest, in any of the figures, that they may be it."""
    usable = [trial for trial in trials if trial.samples and not trial.failure]
    near: list[Trial] = []
    for trial in usable:
        for figure in figures:
            best = min(cost(other.timings, figure) for other in usable)
            if cost(trial.timings, figure) <= best * (1 + HOPELESS):
                near.append(trial)
                break
    return near


def choose(
    start: ComputeSettings, trials: Sequence[Trial], figure: tuple[Part, ...]
) -> ComputeSettings:
    """The fastest settings, or ones that are nearly as fast and stand further in front.

    `start` is in front of all, and loses without a race only if it cannot be used.
    """
    if any(t.settings == start and not t.samples and not t.failure for t in trials):
        return start
    usable = {t.settings: cost(t.timings, figure) for t in trials if t.samples and not t.failure}
    # One sample each may have met a busy moment.
    doubt = 1 if all(_rounds(t) > 1 for t in hopeful(trials, (figure,))) else 2
    # What has drawbacks comes last, so that it is held against the best of the others.
    order = sorted(usable, key=lambda s: (s != start, _drawbacks(s)))
    best = order[0] if order else start
    for settings in order[1:]:
        drawbacks = _drawbacks(settings) - _drawbacks(best)
        margin = max(DRAWBACK_MARGIN * drawbacks, MARGIN * doubt)
        if usable[settings] < usable[best] * (1 - margin):
            best = settings
    return best


def _rounds(trial: Trial) -> int:
    return min(map(len, trial.samples.values()), default=0)


def _drawbacks(settings: ComputeSettings) -> int:
    return settings.flash_attention + (settings.kv_type == "q8_0") + settings.kv_unified


def _cost(settings: ComputeSettings, stages: Sequence[Stage]) -> float | None:
    """Seconds for the whole mix: medians over every stage in which the settings ran all of it."""
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
