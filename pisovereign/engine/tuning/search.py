"""Staged search: threads, form of the KV cache, its buffers, micro-batch, weights, and a final.

Pure: what measures is an argument. A stage races its contestants in rounds that take turns, so that
a busy moment hits all of them; those that cannot win any more are not measured again. In the final,
what was found runs the whole mix against what the search started from, and against what differs
from it in one step that is decided early: with another kind of attention another number of threads
may be best. Of each setting the simplest value is tried first.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from pisovereign.engine.compute_settings import (
    ComputeSettings,
    EngineChoice,
    KvType,
    PinnedSettings,
    WaitPolicy,
    Weights,
)
from pisovereign.engine.tuning.trials import (
    ACTIVE_MARGIN,
    HOPELESS,
    MARGIN,
    Sample,
    Trial,
    choose,
    hopeful,
    ratios,
)
from pisovereign.engine.tuning.workload import BATCHED, PARTS, SINGLE, Part, cost

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


# Where something else wins the final, what is next to that has not been compared yet.
_FINALS = 3
StageName = Literal["threads", "layout", "buffers", "micro_batch", "weights", "final"]
Measure = Callable[[EngineChoice, Sequence[Part]], Sample]

# What a stage is decided by.
FIGURES: Mapping[StageName, Sequence[tuple[Part, ...]]] = {
    "threads": (SINGLE, BATCHED),
    "layout": (PARTS,),
    "buffers": (PARTS,),
    "micro_batch": (("reading",),),
    "weights": (PARTS,),
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
    chosen: EngineChoice


class Found(msgspec.Struct, kw_only=True):
    """Result of a search.

    Attributes:
        cost: seconds that the mix takes with the choice; None if there was no time to measure it.
        complete: False when the time was over before the end.
    """

    choice: EngineChoice
    stages: list[Stage]
    cost: float | None
    complete: bool


class Search:
    """Looks for the fastest choice.

    Args:
        measure: takes the time of parts of the mix; raises Unusable or OutOfTime.
        wishes: what is decided already.
        cores: physical cores.
        most_read: most tokens that `measure` reads at once.
        policies: ways of waiting that may be chosen, the simplest first.
        weights: forms of the weights that may be chosen.
        hurry: tells whether there is no time to repeat what was measured once.
    """

    def __init__(
        self,
        measure: Measure,
        wishes: PinnedSettings,
        *,
        cores: int,
        most_read: int,
        policies: Sequence[WaitPolicy] = ("passive",),
        weights: Sequence[Weights] = ("file",),
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._measure = measure
        self._wishes = wishes
        self._cores = cores
        self._most_read = most_read
        self._policies = policies
        self._weights = weights
        self._in_a_hurry = hurry
        self._in_time = True

    def run(self, start: EngineChoice, stages: Sequence[StageName]) -> Found:
        """Search from `start`, which fulfills the wishes."""
        found, run = start, list[Stage]()
        for name in stages:
            for _ in range(_FINALS if name == "final" else 1):
                contestants = self._contestants(name, start, found)
                if self._in_time and (len(contestants) > 1 or name == "final"):
                    run.append(self._stage(name, contestants))
                    before, found = found, run[-1].chosen
                    if found in (start, before):
                        break
        return Found(choice=found, stages=run, cost=_cost(found, run), complete=self._in_time)

    def _contestants(
        self, name: StageName, start: EngineChoice, found: EngineChoice
    ) -> list[EngineChoice]:
        """Return what runs in a stage; the first one stays unless another one is better."""
        now = found.settings
        match name:
            case "threads":
                return self._with_waiting(found)
            case "layout":
                return _with(found, with_layouts(now, self._wishes))
            case "buffers":
                return _with(found, with_buffers(now, self._wishes))
            case "micro_batch":
                return _with(found, with_micro_batches(now, self._most_read))
            case "weights":
                forms = (msgspec.structs.replace(found, weights=form) for form in self._weights)
                return list(dict.fromkeys((found, *forms)))
            case "final":
                layouts = _with(found, with_layouts(now, self._wishes))
                return list(dict.fromkeys((start, found, *layouts, *self._with_waiting(found))))

    def _with_waiting(self, found: EngineChoice) -> list[EngineChoice]:
        """Return `found`, and each number of threads with each way of waiting that counts."""
        return list(
            dict.fromkeys(
                (
                    found,
                    *(
                        msgspec.structs.replace(found, settings=settings, wait_policy=policy)
                        for policy in self._policies
                        for settings in with_threads(found.settings, self._wishes, self._cores)
                        # A single thread waits for nobody.
                        if policy == self._policies[0] or most_threads(settings) > 1
                    ),
                )
            )
        )

    def _stage(self, name: StageName, contestants: Sequence[EngineChoice]) -> Stage:
        figures = FIGURES[name]
        trials = self._race(contestants, figures)
        if name == "threads":
            return Stage(name=name, trials=trials, chosen=self._waiting(contestants[0], trials))
        chosen = choose(contestants[0], trials, figures[0])
        return Stage(name=name, trials=trials, chosen=chosen)

    def _waiting(self, first: EngineChoice, trials: Sequence[Trial]) -> EngineChoice:
        """Return numbers of threads and how they wait.

        Threads are chosen twice: for steps of one token and for all others. Both kinds of steps
        have one way of waiting, so the best of each way are compared.
        """
        best: EngineChoice | None = None
        least = 0.0
        for policy in self._policies:
            own = [
                trial
                for trial in trials
                if trial.choice.wait_policy == policy or most_threads(trial.settings) == 1
            ]
            if not own:
                continue
            simplest = first if first in (trial.choice for trial in own) else own[0].choice
            single, batched = (choose(simplest, own, figure) for figure in (SINGLE, BATCHED))
            joined = self._joined(single, batched, policy)
            pair = [
                trial for choice in (single, batched) for trial in own if trial.choice == choice
            ]
            gained = self._gain(pair, trials, first)
            if best is None or (gained is not None and gained > least + _waiting_margin(policy)):
                best, least = joined, gained or 0.0
        return best or first

    def _joined(
        self, single: EngineChoice, batched: EngineChoice, policy: WaitPolicy
    ) -> EngineChoice:
        """Return a choice with threads of one for single tokens, of the other for the rest."""
        settings = msgspec.structs.replace(
            single.settings, batch_threads=batched.settings.batch_threads
        )
        # A single thread waits for nobody.
        waiting = policy if most_threads(settings) > 1 else self._policies[0]
        return msgspec.structs.replace(single, settings=settings, wait_policy=waiting)

    def _gain(
        self, pair: Sequence[Trial], trials: Sequence[Trial], first: EngineChoice
    ) -> float | None:
        """Return the share of the first's time that steps of a pair save; None: unknown."""
        before = next((trial for trial in trials if trial.choice == first), None)
        if before is None or not before.rounds or before.failure or not all(t.rounds for t in pair):
            return None
        parts = zip(pair, (SINGLE, BATCHED), strict=True)
        weights = [cost(before.timings, figure) for figure in (SINGLE, BATCHED)]
        shares = [statistics.median(ratios(trial, before, figure)) for trial, figure in parts]
        return 1 - sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)

    def _race(
        self, contestants: Sequence[EngineChoice], figures: Sequence[tuple[Part, ...]]
    ) -> list[Trial]:
        """Measure the contestants in turns until it is clear who is fastest."""
        parts = tuple(dict.fromkeys(part for figure in figures for part in figure))
        trials = [Trial(choice=choice) for choice in contestants]
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
            trial.add(self._measure(trial.choice, parts))
        except Unusable as error:
            trial.failure = str(error)


def last_final(stages: Sequence[Stage]) -> Stage | None:
    """Return the final that decided; None: there was no time for one."""
    return next((stage for stage in reversed(stages) if stage.name == "final"), None)


def most_threads(settings: ComputeSettings) -> int:
    """Return the larger one of both numbers of threads."""
    return max(settings.threads, settings.batch_threads)


def _waiting_margin(policy: WaitPolicy) -> float:
    return ACTIVE_MARGIN if policy == "active" else MARGIN


def _with(choice: EngineChoice, made: Iterable[ComputeSettings]) -> list[EngineChoice]:
    return [msgspec.structs.replace(choice, settings=settings) for settings in made]


def _cost(choice: EngineChoice, stages: Sequence[Stage]) -> float | None:
    """Return seconds for the whole mix: of the last stage in which the choice ran it."""
    for stage in reversed(stages):
        for trial in stage.trials:
            if trial.choice == choice and trial.samples.keys() >= set(PARTS):
                return cost(trial.timings)
    return None
