"""Measurements of choices, and which of several win.

The simplest choice stays unless others are faster by a margin, round by round.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.tuning.disturbance import TOLERATED
from pisovereign.engine.tuning.workload import PARTS, Part, cost

MARGIN = 0.03
# Contestants whose fastest round is slower by more than this, after each round, are not measured
# again. What else a machine does made the same settings up to 25 % slower for some seconds here, so
# the first round excludes only who is far off, and nobody whom others disturbed.
HOPELESS = (0.50, 0.20, 0.12, 0.10, 0.10)
# What costs something else has to save more. A q8_0 cache rounds keys and values, so answers change
# a little. In one buffer for all, a copied conversation needs a free stretch of its whole length;
# if the buffer is in pieces, its prompt is computed again. Threads that look around take the core
# from others for a moment. A second copy of the weights takes room on the card and more of memory.
Q8_0_MARGIN, UNIFIED_MARGIN = 0.10, 0.05
ACTIVE_MARGIN, WEIGHTS_MARGIN = 0.05, 0.05
# So many rounds that nobody disturbed are worth more than all together.
_ENOUGH = 2


class Sample(msgspec.Struct, frozen=True):
    """The result of one measurement.

    Attributes:
        timings: seconds for a token read or a step written.
        others: processors that others took meanwhile.
    """

    timings: dict[Part, float]
    others: float = 0.0


class Trial(msgspec.Struct, kw_only=True):
    """A choice and what was measured with it.

    Attributes:
        samples: seconds for a token read or a step written, one number a round.
        others: processors that others took, one number a round.
        failure: why it cannot be used; empty if it can.
    """

    choice: EngineChoice
    samples: dict[Part, list[float]] = {}
    others: list[float] = []
    failure: str = ""

    @property
    def settings(self) -> ComputeSettings:
        """Return the settings of the choice."""
        return self.choice.settings

    @property
    def timings(self) -> dict[Part, float]:
        """Medians of the samples, of undisturbed ones if there are enough."""
        rounds = self._counted()
        return {
            part: statistics.median(values[index] for index in rounds)
            for part, values in self.samples.items()
        }

    @property
    def rounds(self) -> int:
        """Return how often it was measured."""
        return len(self.others)

    @property
    def range(self) -> tuple[float, float] | None:
        """Return the least and the most seconds of a round for the mix; None: it was not run."""
        if not self.samples.keys() >= set(PARTS):
            return None
        costs = [self.round_cost(index, PARTS) for index in self._counted()]
        return min(costs), max(costs)

    def quiet(self, index: int) -> bool:
        """Return whether nobody disturbed a round."""
        return self.others[index] <= TOLERATED

    @property
    def quiet_rounds(self) -> int:
        """Return how many rounds nobody disturbed."""
        return sum(map(self.quiet, range(self.rounds)))

    def add(self, sample: Sample) -> None:
        """Add a round."""
        for part, seconds in sample.timings.items():
            self.samples.setdefault(part, []).append(seconds)
        self.others.append(sample.others)

    def round_cost(self, index: int, figure: tuple[Part, ...]) -> float:
        """Return seconds that parts of the mix took in one round."""
        return cost({part: self.samples[part][index] for part in figure}, figure)

    def fastest(self, figure: tuple[Part, ...]) -> float:
        """Return the seconds of the fastest round: all that disturbs makes it slower."""
        return min(self.round_cost(index, figure) for index in range(self.rounds))

    def _counted(self) -> Sequence[int]:
        return _undisturbed(range(self.rounds), self)


def _undisturbed(rounds: range, *trials: Trial) -> Sequence[int]:
    """Return the rounds in which nobody disturbed any of the trials; all if those are too few."""
    quiet = [index for index in rounds if all(trial.quiet(index) for trial in trials)]
    return quiet if len(quiet) >= min(_ENOUGH, len(rounds)) else rounds


def usable(trials: Sequence[Trial]) -> list[Trial]:
    """Return those that were measured and can be used."""
    return [trial for trial in trials if trial.rounds and not trial.failure]


def hopeful(
    trials: Sequence[Trial], figures: Sequence[tuple[Part, ...]], limit: float
) -> list[Trial]:
    """Return those that are slower than the fastest by at most `limit` in one of the figures.

    The first round of a busy moment excludes nobody.
    """
    able = usable(trials)
    best = [min(trial.fastest(figure) for trial in able) for figure in figures] if able else []
    return [
        trial
        for trial in able
        if (trial.rounds == 1 and not trial.quiet(0))
        or any(
            trial.fastest(figure) <= least * (1 + limit)
            for figure, least in zip(figures, best, strict=True)
        )
    ]


def choose(start: EngineChoice, trials: Sequence[Trial], figure: tuple[Part, ...]) -> EngineChoice:
    """Return the fastest choice, or one that is nearly as fast and stands further in front.

    `start` is in front of all, and loses without a race only if it cannot be used.
    """
    if any(t.choice == start and not t.rounds and not t.failure for t in trials):
        return start
    able = usable(trials)
    if not able:
        return start
    # What has drawbacks comes last, so that it is held against the best of the others.
    order = sorted(able, key=lambda t: (t.choice != start, drawbacks(t.choice)))
    best = order[0]
    for trial in order[1:]:
        if relative(trial, best, figure) < 1 - needed(trial, best):
            best = trial
    return best.choice


def needed(trial: Trial, best: Trial) -> float:
    """Return the share of the time that a trial has to save to take the other one's place."""
    drawback = drawbacks(trial.choice) - drawbacks(best.choice)
    # One round may have met a busy moment.
    doubt = 1 if min(trial.rounds, best.rounds) > 1 else 2
    return max(drawback, MARGIN * doubt)


def ratios(trial: Trial, other: Trial, figure: tuple[Part, ...]) -> list[float]:
    """Return the time of one over that of the other, for the rounds that both ran.

    Within a round they ran right after each other, so that both met the same load. Rounds that
    nobody disturbed count alone where there are enough.
    """
    common = range(min(trial.rounds, other.rounds))
    return [
        trial.round_cost(index, figure) / other.round_cost(index, figure)
        for index in _undisturbed(common, trial, other)
    ]


def relative(trial: Trial, other: Trial, figure: tuple[Part, ...]) -> float:
    """Return the median of `ratios`."""
    return statistics.median(ratios(trial, other, figure))


def drawbacks(choice: EngineChoice) -> float:
    """Return the share of the time that a choice has to save for what else it costs."""
    settings = choice.settings
    return (
        (Q8_0_MARGIN if settings.kv_type == "q8_0" else 0.0)
        + (UNIFIED_MARGIN if settings.kv_unified else 0.0)
        + (ACTIVE_MARGIN if choice.wait_policy == "active" else 0.0)
        + (WEIGHTS_MARGIN if choice.weights == "q8_0" else 0.0)
    )
