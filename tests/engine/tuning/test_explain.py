from __future__ import annotations

import msgspec

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.tuning.explain import reason
from pisovereign.engine.tuning.search import Stage
from pisovereign.engine.tuning.trials import Sample, Trial
from pisovereign.engine.tuning.workload import PARTS, SINGLE

ONE = EngineChoice(settings=ComputeSettings(threads=1, batch_threads=1), wait_policy="passive")
TWO = EngineChoice(settings=ComputeSettings(threads=2, batch_threads=2), wait_policy="active")


def trial(choice: EngineChoice, seconds: float, single: float | None = None) -> Trial:
    made = Trial(choice=choice)
    made.add(Sample({part: single if single and part in SINGLE else seconds for part in PARTS}))
    return made


def test_what_stays() -> None:
    stage = Stage(name="threads", trials=[trial(ONE, 1.0), trial(TWO, 0.99)], chosen=ONE)
    assert reason(stage).startswith("1/1 threads stays: nothing saves 3%")


def test_what_wins() -> None:
    stage = Stage(name="threads", trials=[trial(ONE, 1.0), trial(TWO, 0.6)], chosen=TWO)
    assert reason(stage) == "2/2 threads active: 40% less time than 1/1 threads"


def test_what_is_put_together_from_two_trials() -> None:
    settings = msgspec.structs.replace(TWO.settings, threads=1)
    mixed = msgspec.structs.replace(TWO, settings=settings)
    trials = [trial(ONE, 1.0), trial(TWO, 0.5, single=1.5)]
    stage = Stage(name="threads", trials=trials, chosen=mixed)
    # 320 of the mix's 500 units get twice as fast.
    assert reason(stage) == "1/2 threads active: 32% less time than 1/1 threads"


def test_what_could_not_be_compared() -> None:
    broken = Trial(choice=ONE, failure="no")
    stage = Stage(name="threads", trials=[broken, trial(TWO, 1.0)], chosen=TWO)
    assert reason(stage) == "2/2 threads active"


def test_a_final_without_a_rival() -> None:
    stage = Stage(name="final", trials=[trial(ONE, 1.0)], chosen=ONE)
    assert reason(stage).endswith("nothing was found that is faster")
