from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.schemas import numbers

BOUND = st.none() | st.integers(-3000, 3000)


def pattern(expression: str) -> re.Pattern[str]:
    """The same as a regular expression: these grammars have no names."""
    return re.compile(re.sub(r'"([^"]*)"', lambda m: re.escape(m[1]), expression).replace(" ", ""))


@given(BOUND, BOUND, st.integers(-4000, 4000))
def test_integers_within_bounds(low: int | None, high: int | None, value: int) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    inside = (low is None or value >= low) and (high is None or value <= high)
    taken = bool(pattern(numbers.whole(low, high)).fullmatch(str(value)))
    # Zero may be left out or said to be negative, which is the same number.
    assert taken == inside


@given(BOUND, BOUND, st.decimals(-4000, 4000, places=2))
def test_numbers_within_bounds(low: int | None, high: int | None, value: object) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    text = str(value)
    number = json.loads(text)
    inside = (low is None or number >= low) and (high is None or number <= high)
    # The last integer may not have zeros behind it.
    outermost = float(text).is_integer()
    taken = bool(pattern(numbers.decimal(low, high)).fullmatch(text))
    assert taken <= inside
    assert outermost or taken == inside


@pytest.mark.parametrize("text", ["01", "1.", ".5", "+1", "", "-", "1e", "0x1", "1e400"])
def test_what_is_no_number(text: str) -> None:
    assert not pattern(numbers.decimal(None, None)).fullmatch(text)
