"""Moments that are counted from another one, on days of every length."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.reading.relative_times import DAY_BEFORE, EVENING_BEFORE, RelativeTime
from pisovereign.reading.times.ambiguity import TYPICAL_MINUTE
from pisovereign.reading.times.expressions import Clock, DayPart
from pisovereign.reading.times.resolution import moment

# In some of them clocks are set at midnight, or by half an hour.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Beirut",
        "Australia/Lord_Howe", "Pacific/Apia", "UTC",
    )
]  # fmt: skip
EIGHT = Clock(8 * 60, exact=False)
zones = st.sampled_from(ZONES)
moments = st.datetimes(
    dt.datetime(2020, 1, 1), dt.datetime(2032, 1, 1), timezones=st.just(dt.UTC)
).map(lambda each: each.replace(microsecond=0))
days = st.dates(dt.date(2020, 1, 1), dt.date(2032, 1, 1))
parts = st.sampled_from(DayPart)
clocks = st.builds(Clock, st.integers(0, 24 * 60 - 1), st.booleans())


@given(moments, zones, st.integers(1, 40), st.none() | parts)
def test_days_before_it_is_on_that_day(
    at: dt.datetime, zone: ZoneInfo, count: int, part: DayPart | None
) -> None:
    when = RelativeTime(days=count, part=part).of(at, zone)
    assert when < at
    day = at.astimezone(zone).date() - dt.timedelta(days=count)
    assert _is_on(when, day, zone)


@given(moments, zones, clocks)
def test_the_day_before_at_a_time(at: dt.datetime, zone: ZoneInfo, clock: Clock) -> None:
    when = DAY_BEFORE._replace(clock=clock).of(at, zone)
    assert when < at
    assert _is_on(when, at.astimezone(zone).date() - dt.timedelta(days=1), zone)


@given(days, zones, st.floats(1, 10_000))
def test_a_length_before_a_whole_day_is_before_it_begins(
    day: dt.date, zone: ZoneInfo, minutes: float
) -> None:
    begins = moment(day, 0, zone)
    when = RelativeTime(minutes=-minutes).of(begins, zone)
    assert when < begins
    assert begins - when == dt.timedelta(minutes=minutes)


@given(days, zones, st.none() | parts)
def test_a_whole_day_has_the_usual_hours(
    day: dt.date, zone: ZoneInfo, part: DayPart | None
) -> None:
    for count in (0, 1):
        when = RelativeTime(days=count, part=part).of(moment(day, 0, zone), zone)
        usual = TYPICAL_MINUTE[part or DayPart.MORNING]
        assert when == moment(day - dt.timedelta(days=count), usual, zone)


@given(moments, zones, st.none() | st.just(DayPart.MORNING))
def test_on_the_morning_of_that_day_it_is_still_to_come(
    at: dt.datetime, zone: ZoneInfo, part: DayPart | None
) -> None:
    local = at.astimezone(zone)
    if at == moment(local.date(), 0, zone):
        return  # what takes the whole day has begun then
    when = RelativeTime(part=part).of(at, zone)
    assert when < at
    if local.hour > 1:
        assert _is_on(when, local.date(), zone)


@given(moments, zones, parts)
def test_reversed_is_as_long_after_it(at: dt.datetime, zone: ZoneInfo, part: DayPart) -> None:
    before = RelativeTime(minutes=-90)
    assert before.reversed.of(before.of(at, zone), zone) == at
    assert before.reversed.is_after
    assert not before.is_after
    assert RelativeTime(days=2, part=part).reversed.of(at, zone) > at


@pytest.mark.parametrize(
    ("when", "at", "expected"),
    [
        # Clocks are set forward at 2:00 on 31 March 2030, and back at 3:00 on 27 October.
        (DAY_BEFORE, "2030-03-31 09:00", "2030-03-30 09:00"),
        (DAY_BEFORE, "2030-10-28 02:30", "2030-10-27 02:30"),
        (EVENING_BEFORE, "2030-03-31 00:00", "2030-03-30 19:00"),
        (RelativeTime(minutes=-60), "2030-03-31 03:30", "2030-03-31 01:30"),
        (RelativeTime(minutes=-24 * 60), "2030-03-31 09:00", "2030-03-30 08:00"),
        (RelativeTime(minutes=-60), "2030-10-27 00:00", "2030-10-26 23:00"),
        (RelativeTime(part=DayPart.MORNING), "2030-05-02 08:30", "2030-05-02 07:30"),
        (RelativeTime(part=DayPart.EVENING), "2030-05-02 18:00", "2030-05-02 17:00"),
        (RelativeTime(part=DayPart.EVENING), "2030-05-02 12:00", "2030-05-02 19:00"),
        (EVENING_BEFORE._replace(clock=EIGHT), "2030-05-02 12:00", "2030-05-01 20:00"),
        (RelativeTime(days=-1), "2030-05-02 12:00", "2030-05-03 12:00"),
    ],
)  # fmt: skip
def test_what_clocks_show(when: RelativeTime, at: str, expected: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    told = when.of(dt.datetime.fromisoformat(at).replace(tzinfo=zone), zone)
    assert f"{told.astimezone(zone):%Y-%m-%d %H:%M}" == expected


def _is_on(when: dt.datetime, day: dt.date, zone: ZoneInfo) -> bool:
    """A time that clocks skip is later; a day that they skip as a whole has none."""
    shown = when.astimezone(zone).date()
    there = moment(day, 12 * 60, zone).astimezone(zone).date() == day
    return shown == day or not there
