from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.tuning.workload import Speed, Workload, choose_workload, search_s

TIMES = st.floats(1e-4, 2.0)
SPEEDS = st.builds(Speed, TIMES, TIMES, TIMES)


def test_a_fast_board_measures_much_and_a_slow_one_little() -> None:
    fast = choose_workload(Speed(0.001, 0.005, 0.01), goal_s=20, limit_s=120, context=8192)
    slow = choose_workload(Speed(0.06, 0.2, 0.5), goal_s=20, limit_s=120, context=8192)
    assert fast.context == 512
    assert fast.steps == 6
    assert slow.steps < fast.steps
    assert slow.read < fast.read


def test_a_small_model_on_a_pi_keeps_its_long_context() -> None:
    size = choose_workload(Speed(0.01, 0.03, 0.08), goal_s=20, limit_s=120, context=8192)
    assert size.context == 512


@given(speed=SPEEDS, context=st.integers(16, 4096), goal_s=st.floats(1, 60))
def test_it_fits_into_the_time_or_is_the_smallest(
    speed: Speed, context: int, goal_s: float
) -> None:
    size = choose_workload(speed, goal_s=goal_s, limit_s=120, context=context)
    smallest = Workload(128, 32, 2)
    assert size == smallest or search_s(size, speed) <= max(goal_s, 120)
    assert size == smallest or size.length <= context
    assert 0 < size.read <= size.context
    assert size.short < size.context
