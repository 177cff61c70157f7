"""When schedules are due, also on the days on which clocks are put forward or back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.config.cron import CronTimes

BERLIN = ZoneInfo("Europe/Berlin")
EXPRESSIONS = (
    "30 2 * * *",
    "0 7 * * 1-5",
    "*/20 * * * *",
    "15 */2 * * *",
    "0 3 L * *",
    "*/25 30 2 * * *",
)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "begin", "expected"),
    [
        # Seven on the wall is another hour of UTC in summer.
        ("0 7 * * *", "2026-03-28T12:00", ["2026-03-29T05:00", "2026-03-30T05:00"]),
        ("0 7 * * *", "2026-10-24T12:00", ["2026-10-25T06:00", "2026-10-26T06:00"]),
        # Half past two does not exist on the one day, and exists twice on the other.
        ("30 2 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),
        ("30 2 * * *", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        ("15 30 2 * * *", "2026-03-28T12:00", ["2026-03-29T01:00:15", "2026-03-30T00:30:15"]),
        ("15 30 2 * * *", "2026-10-24T12:00", ["2026-10-25T00:30:15", "2026-10-26T01:30:15"]),
        # Every hour is every hour.
        ("30 * * * *", "2026-03-29T00:00", ["2026-03-29T00:30", "2026-03-29T01:30"]),
        ("30 * * * *", "2026-10-25T00:00", ["2026-10-25T00:30", "2026-10-25T01:30"]),
        ("*/30 0 0 29 2 *", "2026-03-01T00:00", ["2028-02-28T23:00", "2028-02-28T23:00:30"]),
    ],
)
def test_clocks_that_change(expression: str, begin: str, expected: list[str]) -> None:
    times, now, found = CronTimes(expression, BERLIN), utc(begin), []
    for _ in expected:
        following = times.next(now)
        assert following is not None
        found.append(now := following)
    assert found == [utc(text) for text in expected]


@given(
    expression=st.sampled_from(EXPRESSIONS),
    zone=st.sampled_from(ZONES),
    begin=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)),
    minutes=st.integers(0, 3 * 24 * 60),
)
def test_the_newest_is_the_last_of_those_that_follow(
    expression: str, zone: str, begin: dt.datetime, minutes: int
) -> None:
    times = CronTimes(expression, ZoneInfo(zone))
    after = begin.replace(tzinfo=dt.UTC)
    until = after + dt.timedelta(minutes=minutes)
    expected = None
    following = times.next(after)
    while following is not None and following <= until:
        assert following > after
        assert following > (expected or after)
        expected, following = following, times.next(following)
    assert times.newest(after, until) == expected
