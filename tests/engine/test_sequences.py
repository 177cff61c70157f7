from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.sequences import common_prefix

tokens = st.lists(st.integers(0, 1), max_size=30)


@given(tokens, tokens, tokens, st.integers(0, 70))
def test_it_is_what_a_loop_finds(front: list[int], one: list[int], two: list[int], n: int) -> None:
    first, second = front + one, front + two
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    assert common_prefix(first, second, n) == min(n, count)
