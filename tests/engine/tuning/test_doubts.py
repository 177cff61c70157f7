from __future__ import annotations

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.tuning.doubts import SPREAD, doubts
from pisovereign.engine.tuning.search import Found, Stage
from pisovereign.engine.tuning.trials import Sample, Trial
from pisovereign.engine.tuning.workload import PARTS


def choice(threads: int) -> EngineChoice:
    settings = ComputeSettings(threads=threads, batch_threads=threads)
    return EngineChoice(settings=settings, wait_policy="passive")


def found(*rounds: tuple[float, float], complete: bool = True) -> Found:
    """Two choices were measured in rounds, of which the seconds and what others took are told."""
    trials = [Trial(choice=choice(threads)) for threads in (1, 2)]
    for seconds, others in rounds:
        for trial in trials:
            trial.add(Sample(dict.fromkeys(PARTS, seconds), others))
    stage = Stage(name="final", trials=trials, chosen=choice(2))
    return Found(choice=choice(2), stages=[stage], cost=1.0, complete=complete)


def test_enough_quiet_rounds_are_sure() -> None:
    assert not list(doubts(found((1.0, 0.0), (1.05, 0.1), (1.0, 0.0))))
    # One was disturbed, which does not count.
    assert not list(doubts(found((1.0, 0.0), (9.0, 1.0), (1.0, 0.0))))


def test_a_busy_machine_is_told() -> None:
    (told,) = doubts(found((1.0, 0.9), (1.0, 0.7), (1.0, 0.8)))
    assert told == "others took 0.8 processors during 6 of 6 measurements"


def test_rounds_that_differ_are_told() -> None:
    (told,) = doubts(found((1.0, 0.0), (1.0 + 2 * SPREAD, 0.0), (1.0, 0.0)))
    assert "differ" in told


def test_too_few_rounds_and_too_little_time_are_told() -> None:
    first, second = doubts(found((1.0, 0.0), complete=False))
    assert "time was over" in first
    assert "only once" in second
