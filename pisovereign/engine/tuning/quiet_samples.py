"""Samples that nobody disturbed, as far as there is time to wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from pisovereign.engine.compute_settings import EngineChoice
from pisovereign.engine.tuning.background_load import SHARE
from pisovereign.engine.tuning.disturbance import TOLERATED, Look, look, others_share
from pisovereign.engine.tuning.search import Measure, OutOfTime
from pisovereign.engine.tuning.trials import Sample
from pisovereign.engine.tuning.workload import Part

_LOOK_S = 0.3
_TRIES = 4


class QuietSamples:
    """Measures again what somebody disturbed, once the machine is quiet.

    Args:
        measure: takes the time.
        patience_s: seconds that may be spent on waiting and repeating, all in all.
        look: tells what was computed until now.
        sleep: waits.
    """

    def __init__(
        self,
        measure: Measure,
        patience_s: float,
        *,
        look: Look = look,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._measure = measure
        self._left_s = patience_s
        self._look = look
        self._sleep = sleep

    def __call__(self, choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        """Return the least disturbed of a few samples."""
        best = self._measure(choice, parts)
        for _ in range(_TRIES - 1):
            if best.others <= TOLERATED or self._left_s <= 0:
                break
            began = self._look().clock
            self._wait()
            try:
                again = self._measure(choice, parts)
            except OutOfTime:
                break  # it is over, but something was measured
            self._left_s -= self._look().clock - began
            best = min(best, again, key=lambda sample: sample.others)
        return best

    def _wait(self) -> None:
        """Wait until others compute little, or there is no patience left."""
        left_s = self._left_s
        while left_s > 0:
            before = self._look()
            self._sleep(_LOOK_S)
            after = self._look()
            left_s -= after.clock - before.clock
            if others_share(before, after, known=SHARE) <= TOLERATED:
                return
