from __future__ import annotations

import pytest

from pisovereign.engine.scheduler import PrefillBudget


@pytest.mark.parametrize(
    ("tokens_a_second", "expected"), [(20, 32), (500, 50), (1000, 100), (90_000, 256)]
)
def test_reading_takes_about_the_time_it_may(tokens_a_second: float, expected: int) -> None:
    pace = PrefillBudget(target_s=0.1, least=32, most=256)
    for _ in range(20):
        pace.observe(64, 64 / tokens_a_second)
    assert abs(pace.tokens - expected) <= 1


def test_it_starts_carefully_and_ignores_steps_of_single_tokens() -> None:
    pace = PrefillBudget(least=32)
    pace.observe(1, 0.0001)
    assert pace.tokens == 32
