"""What was measured with settings, and which of several settings win.

The simplest settings stay unless others are faster by a margin, round by round.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.tuning.workload import Part, cost

MARGIN = 0.03
# Contestants that are slower by more than this after each round are not measured again. What else a
# machine does made the same settings up to 25 % slower for some seconds here, so the first round
# excludes only who is far off.
HOPELESS = (0.30, 0.15, 0.10, 0.10)
# What costs something else has to save more. A q8_0 cache rounds keys and values, so answers change
# a little. In one buffer for all, a copied conversation needs a free stretch of its whole length;
# if the buffer is in pieces, its prompt is computed again.
Q8_0_MARGIN, UNIFIED_MARGIN = 0.10, 0.05


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

    @property
    def rounds(self) -> int:
        """Return how often it was measured."""
        return min(map(len, self.samples.values()), default=0)

    def round_cost(self, index: int, figure: tuple[Part, ...]) -> float:
        """Return seconds that parts of the mix took in one round."""
        return cost({part: self.samples[part][index] for part in figure}, figure)


def hopeful(
    trials: Sequence[Trial], figures: Sequence[tuple[Part, ...]], limit: float
) -> list[Trial]:
    """Return those that are slower than the fastest by at most `limit` in one of the figures."""
    usable = [trial for trial in trials if trial.samples and not trial.failure]
    near: list[Trial] = []
    for trial in usable:
        for figure in figures:
            best = min(cost(other.timings, figure) for other in usable)
            if cost(trial.timings, figure) <= best * (1 + limit):
                near.append(trial)
                break
    return near


def choose(
    start: ComputeSettings, trials: Sequence[Trial], figure: tuple[Part, ...]
) -> ComputeSettings:
    """Return the fastest settings, or ones that are nearly as fast and stand further in front.

    `start` is in front of all, and loses without a race only if it cannot be used.
    """
    if any(t.settings == start and not t.samples and not t.failure for t in trials):
        return start
    usable = [trial for trial in trials if trial.samples and not trial.failure]
    if not usable:
        return start
    # What has drawbacks comes last, so that it is held against the best of the others.
    order = sorted(usable, key=lambda t: (t.settings != start, _drawbacks(t.settings)))
    best = order[0]
    for trial in order[1:]:
        drawback = _drawbacks(trial.settings) - _drawbacks(best.settings)
        # One round may have met a busy moment.
        doubt = 1 if min(trial.rounds, best.rounds) > 1 else 2
        if relative(trial, best, figure) < 1 - max(drawback, MARGIN * doubt):
            best = trial
    return best.settings


def relative(trial: Trial, other: Trial, figure: tuple[Part, ...]) -> float:
    """Return the time of one over that of the other: the median over the rounds that both ran.

    Within a round they ran right after each other, so that both met the same load.
    """
    return statistics.median(
        trial.round_cost(index, figure) / other.round_cost(index, figure)
        for index in range(min(trial.rounds, other.rounds))
    )


def _drawbacks(settings: ComputeSettings) -> float:
    """Return the share of the time that settings have to save for what else they cost."""
    rounding = Q8_0_MARGIN if settings.kv_type == "q8_0" else 0.0
    return rounding + (UNIFIED_MARGIN if settings.kv_unified else 0.0)
