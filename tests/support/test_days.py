"""A day that a test is given does not end at once."""

from __future__ import annotations

import datetime as dt
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from tests.support.days import lasting_day

BEFORE = dt.datetime(2026, 12, 31, 14, 59, 57, tzinfo=dt.UTC)  # three seconds, in Tokyo


@pytest.mark.parametrize(
    ("least_s", "expected"), [(0.5, dt.date(2026, 12, 31)), (10.0, dt.date(2027, 1, 1))]
)
def test_just_before_midnight_the_next_day_is_waited_for(least_s: float, expected: dt.date) -> None:
    moments = (BEFORE + dt.timedelta(seconds=second) for second in count())
    day = lasting_day(ZoneInfo("Asia/Tokyo"), least_s, lambda: next(moments))
    assert day == expected
