"""What repeats comes at the same time of day, whatever the clock on the wall does."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.reminders.recurrence import first_occurrence, next_occurrence
from pisovereign.reminders.repeat import Repeat

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]


def local(text: str, zone: ZoneInfo = BERLIN) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def times(first: str, repeat: Repeat, count: int) -> list[str]:
    """The times that follow the first one, on the wall in Berlin."""
    start = after = local(first)
    found = []
    for _ in range(count):
        after = next_occurrence(start, repeat, BERLIN, after)
        found.append(f"{after.astimezone(BERLIN):%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("first", "repeat", "following"),
    [
        # Summer time begins on the 29th of March 2026.
        ("2026-03-28 07:00", "daily", ["2026-03-29 07:00", "2026-03-30 07:00"]),
        ("2026-03-28 02:30", "daily", ["2026-03-29 03:30", "2026-03-30 02:30"]),
        # It ends on the 25th of October, when half past two comes twice.
        ("2026-10-24 02:30", "daily", ["2026-10-25 02:30", "2026-10-26 02:30"]),
        ("2026-02-06 07:00", "weekdays", ["2026-02-09 07:00", "2026-02-10 07:00"]),
        ("2026-02-07 09:00", "weekends", ["2026-02-08 09:00", "2026-02-14 09:00"]),
        ("2026-02-07 09:00", "weekly", ["2026-02-14 09:00", "2026-02-21 09:00"]),
        ("2026-01-31 09:00", "monthly", ["2026-02-28 09:00", "2026-03-31 09:00"]),
        ("2028-02-29 09:00", "yearly", ["2029-02-28 09:00", "2030-02-28 09:00"]),
    ],
)
def test_the_times_of_a_series(first: str, repeat: Repeat, following: list[str]) -> None:
    assert times(first, repeat, 2) == following


def test_what_was_slept_through_does_not_come_later() -> None:
    late = local("2026-02-20 12:00")
    following = next_occurrence(local("2026-02-07 07:00"), "daily", BERLIN, late)
    assert following == local("2026-02-21 07:00")


@pytest.mark.parametrize(
    ("moment", "repeat", "first"),
    [
        ("2026-02-07 07:00", "weekdays", "2026-02-09 07:00"),
        ("2026-02-09 07:00", "weekdays", "2026-02-09 07:00"),
        ("2026-02-09 07:00", "weekends", "2026-02-14 07:00"),
        ("2026-02-07 07:00", "monthly", "2026-02-07 07:00"),
    ],
)
def test_a_series_begins_on_a_day_that_fits(moment: str, repeat: Repeat, first: str) -> None:
    assert first_occurrence(local(moment), repeat, BERLIN) == local(first)


moments = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2060, 1, 1))


@given(
    naive=moments,
    repeat=st.sampled_from(get_args(Repeat)),
    zone=st.sampled_from(ZONES),
    days=st.floats(0, 4000),
)
def test_every_series_keeps_its_time_of_day(
    naive: dt.datetime, repeat: Repeat, zone: ZoneInfo, days: float
) -> None:
    first = first_occurrence(naive.replace(tzinfo=zone).astimezone(dt.UTC), repeat, zone)
    after = first + dt.timedelta(days)
    series = [after]
    for _ in range(6):
        series.append(next_occurrence(first, repeat, zone, series[-1]))
    assert all(earlier < later for earlier, later in pairwise(series))
    wanted = first.astimezone(zone).time().replace(fold=0)
    for moment in series[1:]:
        shown = moment.astimezone(zone)
        nominal = dt.datetime.combine(shown.date(), wanted, zone)
        # Only a time that this day does not have is another one.
        exists = nominal.astimezone(dt.UTC).astimezone(zone).time() == wanted
        assert shown.time() == wanted or not exists or shown.time() < wanted
        if repeat == "weekdays":
            assert shown.weekday() < 5
        if repeat == "weekly":
            assert shown.weekday() == first.astimezone(zone).weekday()
    # Nothing lies between two neighbors: asking from just before the later one gives it again.
    for _, later in pairwise(series[1:]):
        assert next_occurrence(first, repeat, zone, later - dt.timedelta(microseconds=1)) == later
