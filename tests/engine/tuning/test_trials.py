from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.tuning.disturbance import TOLERATED
from pisovereign.engine.tuning.trials import Sample, Trial, choose, hopeful, relative
from pisovereign.engine.tuning.workload import PARTS


def choice(threads: int) -> EngineChoice:
    settings = ComputeSettings(threads=threads, batch_threads=threads)
    return EngineChoice(settings=settings, wait_policy="passive")


START, OTHER = choice(1), choice(2)
BUSY = TOLERATED + 0.5
TIMES = st.lists(st.floats(0.1, 10), min_size=1, max_size=4)


def trial(choice: EngineChoice, *rounds: float, others: list[float] | None = None) -> Trial:
    made = Trial(choice=choice)
    for seconds, took in zip(rounds, others or [0.0] * len(rounds), strict=True):
        made.add(Sample(dict.fromkeys(PARTS, seconds), took))
    return made


@given(times=TIMES, slow=st.floats(0.05, 0.5))
def test_load_that_hits_both_changes_nothing(times: list[float], slow: float) -> None:
    """However slow the machine was in a round, the same settings win."""
    first = trial(START, *times)
    second = trial(OTHER, *(time * (1 - slow) for time in times))
    assert abs(relative(second, first, PARTS) - (1 - slow)) < 1e-9


def test_one_busy_moment_of_three_does_not_decide() -> None:
    first, second = trial(START, 1.0, 1.0, 1.0), trial(OTHER, 0.9, 1.5, 0.9)
    assert choose(START, [first, second], PARTS) == OTHER
    assert choose(START, [first, trial(OTHER, 1.0, 0.5, 1.0)], PARTS) == START


def test_only_common_rounds_are_compared() -> None:
    assert relative(trial(OTHER, 0.5), trial(START, 1.0, 9.0, 9.0), PARTS) == 0.5


def test_nothing_measured_leaves_the_start() -> None:
    assert choose(START, [Trial(choice=START), trial(OTHER, 0.1)], PARTS) == START
    assert choose(START, [Trial(choice=START, failure="no")], PARTS) == START


def test_hopeful_are_those_near_the_fastest_in_any_figure() -> None:
    mixed = trial(OTHER, 2.0)
    mixed.samples["one_short"] = mixed.samples["one_long"] = [0.5]
    trials = [trial(START, 1.0), mixed, Trial(choice=OTHER, failure="no")]
    assert hopeful(trials, [PARTS], 0.1) == trials[:1]
    assert hopeful(trials, [("one_short",), ("reading",)], 0.1) == trials[:2]


def test_rounds_beside_other_work_count_only_where_there_are_no_others() -> None:
    """Two threads that wait for each other are slow beside work that one does not even notice."""
    first = trial(START, 1.0, 1.0, 1.0, 1.0)
    second = trial(OTHER, 0.8, 9.0, 9.0, 0.8, others=[0.0, BUSY, BUSY, 0.0])
    assert choose(START, [first, second], PARTS) == OTHER
    assert second.range == trial(OTHER, 0.8).range
    assert choose(START, [first, trial(OTHER, 9.0, 9.0, 0.8, others=[BUSY, BUSY, 0.0])], PARTS) == (
        START
    )


def test_a_busy_first_round_excludes_nobody() -> None:
    slow = trial(OTHER, 9.0, others=[BUSY])
    assert hopeful([trial(START, 1.0), slow], [PARTS], 0.3) == [trial(START, 1.0), slow]
    assert hopeful([trial(START, 1.0), trial(OTHER, 9.0)], [PARTS], 0.3) == [trial(START, 1.0)]
