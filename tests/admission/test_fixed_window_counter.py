"""The counting behind rate limits, with a clock of the test's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.admission import fixed_window_counter as fixed_windows
from pisovereign.admission.fixed_window_counter import WINDOW_S, FixedWindowCounter


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 90, allow_nan=False)), max_size=60
)


@given(STEPS, st.integers(1, 5))
def test_no_address_gets_more_than_its_limit_in_a_window(
    steps: list[tuple[str, float]], limit: int
) -> None:
    clock = Clock()
    windows = FixedWindowCounter(limit, clock)
    started: dict[str, tuple[float, int]] = {}
    for address, pause in steps:
        clock.now += pause
        begin, used = started.get(address, (float("-inf"), 0))
        if clock.now - begin >= WINDOW_S:
            begin, used = clock.now, 0
        allowed, remaining, ends = windows.hit(address)
        assert allowed == (used < limit)
        used += allowed
        assert remaining == limit - used
        assert ends == begin + WINDOW_S
        started[address] = (begin, used)


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = Clock()
    windows = FixedWindowCounter(1, clock)
    assert windows.hit("a")[0]
    clock.now -= 86_400
    assert windows.hit("a")[0]
    assert not windows.hit("a")[0]


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    clock = Clock()
    windows = FixedWindowCounter(1, clock)
    for i in range(fixed_windows.MOST_ADDRESSES + 1):
        clock.now += 0.0001
        assert windows.hit(str(i))[0]
    assert windows.hit("0")[0]  # forgotten
    assert not windows.hit(str(fixed_windows.MOST_ADDRESSES))[0]
