"""How long steps take on this board, as they were measured while the engine runs.

The seconds of a step that reads a prompt are a sum: a part that every step takes, one for each
token, and one for each token and place before it, which attention looks at. The three are fitted to
the latest steps. One speed in tokens a second could not tell a prompt of ten tokens, at whose end
the board has hardly begun, from one of four thousand. A step that only writes is known by the
number of answers in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Of what was seen before a step so much counts beside it: about the last 60 steps decide, which are
# a few answers, so that another load or a board that grows hot is noticed.
_LEFT = 0.985
_LEAST_STEPS = 2
_SMOOTHING = 0.01
# How busy the machine is shows within a second: with this the steps of a quiet one were right to a
# quarter in 88 of 100 cases, as without it, and on a busy one far more of them.
_BUSY_S, _MOST_BUSY = 1.0, 5.0
# Keeps the fit from following noise where all steps were of one size.
_RIDGE = 1e-3
# A place takes about so much of what a token does (SmolLM2: 1/10,000), and steps of the same size
# differ by a fifth: so sure is it of places before it has seen any.
_PLACE_SHARE, _NOISE = 2e-4, 0.2


class Step(NamedTuple):
    """The work of one step: so many tokens, each behind so many places, which are summed up."""

    tokens: int
    places: int


class Measured(NamedTuple):
    """The measurements to be kept: how many steps read, their sums, and times of tokens."""

    steps: int
    sums: tuple[float, ...]
    writing: dict[int, float]


class Fit:
    """Fits seconds to steps.

    Errors count by their share: one of 5 ms is nothing where a step takes a second.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._sums: tuple[float, ...] = (0.0,) * 9

    def observe(self, step: Step, seconds: float) -> None:
        """Take a step that took so long; by one thread only."""
        if seconds <= 0:
            return
        self.steps += 1
        weight = 1 / seconds
        one, tokens, places = weight, step.tokens * weight, step.places * weight
        now = (
            *(one * one, one * tokens, one * places),
            *(tokens * tokens, tokens * places, places * places),
            *(one, tokens, places),  # times the seconds, which are 1 by this weight
        )
        # In one assignment: another thread reads them.
        self._sums = tuple(
            _LEFT * before + more for before, more in zip(self._sums, now, strict=True)
        )

    @property
    def sums(self) -> tuple[float, ...]:
        """Return the sums of what was seen."""
        return self._sums

    def recall(self, steps: int, sums: tuple[float, ...]) -> bool:
        """Go on from what another one has seen; return whether that can be."""
        if len(sums) != len(self._sums) or not all(map(math.isfinite, sums)) or min(sums) < 0:
            return False
        self.steps, self._sums = steps, sums
        return True

    def parts(self) -> tuple[float, float, float] | None:
        """Return the seconds of a step, a token and a place; None: too little was seen."""
        if self.steps < _LEAST_STEPS:
            return None
        a, b, c, d, e, f, *right = self._sums
        left = np.array([[a, b, c], [b, d, e], [c, e, f]])
        token_s = self._solve(left, right, [0, 1])[1]
        if token_s > 0:
            # Short prompts say next to nothing of places, and a long one has hundreds of thousands.
            left[2, 2] += (_NOISE / (_PLACE_SHARE * token_s)) ** 2
        found = self._solve(left, right, [0, 1, 2])
        return float(found[0]), float(found[1]), float(found[2])

    @staticmethod
    def _solve(
        left: NDArray[np.float64], right: Sequence[float], wanted: Sequence[int]
    ) -> NDArray[np.float64]:
        """Return the wanted parts, none of them less than nothing; the others are 0."""
        found = np.zeros(3)
        used = [at for at in wanted if left[at, at] > 0]
        while used:
            some = left[np.ix_(used, used)]
            some = some + np.diag(np.diag(some)) * _RIDGE
            values = np.linalg.solve(some, np.array(right)[used])
            if (values >= 0).all():
                found[used] = values
                break
            del used[int(np.argmin(values * np.sqrt(np.diag(some))))]
        return found


class StepTimes:
    """Times of the engine's steps.

    Beside the fit goes how busy the machine is just now: what else runs on it makes all steps
    slower, and what is over makes none.
    """

    def __init__(self) -> None:
        self._reading = Fit()
        # By the number of answers: several are computed otherwise than one, which is guessed ahead.
        self._writing: dict[int, float] = {}
        self._speeds: Speeds | None = None
        self._busy = 0.0

    def observe_reading(self, step: Step, seconds: float) -> None:
        """Take a step that read a prompt."""
        if self._speeds is not None:
            self._observe_busy(seconds, _seconds(self._speeds.reading, step))
        self._reading.observe(step, seconds)
        self._fit()

    def observe_writing(self, answers: int, tokens: int, seconds: float) -> None:
        """Take a step that only wrote answers, so many of them, by so many tokens together."""
        if not answers or not tokens:
            return
        each = seconds * answers / tokens
        before = self._writing.get(answers)
        if before is None:
            # A new one: another thread may be looking through it.
            self._writing = {**self._writing, answers: each}
            self._fit()
            return
        self._observe_busy(seconds, seconds * before / each)
        self._writing[answers] = before + _SMOOTHING * (each - before)

    def current(self) -> Speeds | None:
        """Return what the latest steps say; None: nothing was measured yet."""
        if self._speeds is None:
            return None
        return self._speeds._replace(busy=math.exp(self._busy))

    def measured(self) -> Measured | None:
        """Return what is to be kept; None: nothing was measured yet."""
        if self._speeds is None:
            return None
        return Measured(self._reading.steps, self._reading.sums, dict(self._writing))

    def recall(self, kept: Measured) -> bool:
        """Go on from what was kept; return whether that can be."""
        writing = {answers: each for answers, each in kept.writing.items() if each > 0}
        if not self._reading.recall(kept.steps, kept.sums):
            return False
        self._writing = writing
        self._fit()
        return self._speeds is not None

    def _observe_busy(self, seconds: float, usual: float) -> None:
        if seconds <= 0 or usual <= 0:
            return
        ratio = math.log(min(_MOST_BUSY, max(1 / _MOST_BUSY, seconds / usual)))
        self._busy += (1 - math.exp(-seconds / _BUSY_S)) * (ratio - self._busy)

    def _fit(self) -> None:
        parts = self._reading.parts()
        if parts is not None:
            self._speeds = Speeds(parts, self._writing)


class Speeds(NamedTuple):
    """How fast steps are.

    Attributes:
        reading: seconds of a step that reads, of each token and of each place before it.
        writing: seconds of a token of each answer, by how many are written at once.
        busy: how many times as long it takes just now.
    """

    reading: tuple[float, float, float]
    writing: Mapping[int, float]
    busy: float = 1.0

    def read_s(self, step: Step) -> float:
        """Return the seconds of a step that reads."""
        return _seconds(self.reading, step) * self.busy

    def token_s(self, answers: int) -> float:
        """Return the seconds of a token of an answer, where so many are written at once."""
        known = self.writing.get(answers)
        if known is None:
            # Of a few answers each adds about what a token of a prompt takes.
            near = min(self.writing, key=lambda count: abs(count - answers), default=0)
            more = self.reading[1] * (answers - near)
            known = max(self.writing.get(near, self.reading[0]) + more, self.reading[1])
        return known * self.busy

    def prompt_s(self, tokens: int, before: int, at_once: int) -> float:
        """Return the seconds of reading so many tokens behind others, alone, in steps of a size."""
        total = 0.0
        while tokens > 0:
            count = min(tokens, at_once)
            total += self.read_s(Step(count, count * before + count * count // 2))
            tokens, before = tokens - count, before + count
        return total


def _seconds(parts: tuple[float, float, float], step: Step) -> float:
    return parts[0] + parts[1] * step.tokens + parts[2] * step.places
