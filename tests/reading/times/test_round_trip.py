"""A time that is put into words is read as the same moment, in every zone, at every change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.parsing.support import BERLIN, ZONES, event, reminded

Words = Callable[[dt.datetime], str]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTHS_DE = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
_DAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DAYS_DE = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
_HOURS_EN = [
    "twelve",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
]
_HOURS_DE = [
    "zwölf",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
]


def _twelve(at: dt.datetime) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}"


def _short(month: int) -> str:
    name = _MONTHS_DE[month - 1]
    return name if len(name) == 3 else f"{name[:3]}."


DATED: list[Words] = [
    lambda at: f"on {at.day} {_MONTHS_EN[at.month - 1]} {at.year} at {at:%H:%M}",
    lambda at: f"on {_MONTHS_EN[at.month - 1]} {at.day}, {at.year} at {_twelve(at)}",
    lambda at: f"at {_twelve(at)} on {_MONTHS_EN[at.month - 1][:3]} {at.day} {at.year}",
    lambda at: f"on {at:%Y-%m-%d} at {at:%H:%M}",
    lambda at: f"at {at:%Y-%m-%dT%H:%M}",
    lambda at: f"am {at.day}. {_MONTHS_DE[at.month - 1]} {at.year} um {at:%H:%M} Uhr",
    lambda at: f"am {at.day}.{at.month}.{at.year} um {at:%H.%M} Uhr",
    lambda at: f"am {at:%d.%m.%Y} um {at:%H:%M}",
    lambda at: f"um {at:%H:%M} Uhr am {at.day}. {_short(at.month)} {at.year}",
]
YEARLESS: list[Words] = [
    lambda at: f"on {at.day} {_MONTHS_EN[at.month - 1]} at {at:%H:%M}",
    lambda at: f"on {_MONTHS_EN[at.month - 1]} {at.day} at {_twelve(at)}",
    lambda at: f"am {at.day}.{at.month}. um {at:%H:%M} Uhr",
    lambda at: f"am {at.day}. {_MONTHS_DE[at.month - 1]} um {at:%H:%M} Uhr",
]
TOMORROW: list[Words] = [
    lambda at: f"tomorrow at {at:%H:%M}",
    lambda at: f"tomorrow at {_twelve(at)}",
    lambda at: f"at {_twelve(at)} tomorrow",
    lambda at: f"morgen um {at:%H:%M} Uhr",
    lambda at: f"morgen um {at.hour} Uhr {at.minute:02}",
]

zones = st.sampled_from(ZONES)
moments = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2031, 12, 31, 23, 59)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def _at(naive: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The moment at which clocks show `naive`, by the rules of the standard library."""
    return naive.replace(tzinfo=zone).astimezone(dt.UTC)


def _exists(naive: dt.datetime, zone: ZoneInfo) -> bool:
    return _at(naive, zone).astimezone(zone).replace(tzinfo=None) == naive


@given(moments, zones, st.sampled_from(DATED), st.integers(1, 2_000_000))
@example(dt.datetime(2026, 12, 31, 23, 59), BERLIN, DATED[0], 1)
@example(dt.datetime(2027, 1, 1, 0, 0), BERLIN, DATED[0], 1)
@example(dt.datetime(2028, 2, 29, 12, 0), BERLIN, DATED[6], 60)
def test_a_date_with_a_year(at: dt.datetime, zone: ZoneInfo, words: Words, before: int) -> None:
    now = _at(at, zone) - dt.timedelta(minutes=before)
    assert reminded(words(at), now, zone) == _at(at, zone)


@given(moments, zones, st.sampled_from(YEARLESS), st.integers(1, 360 * 24 * 60))
@example(dt.datetime(2027, 1, 1, 0, 5), BERLIN, YEARLESS[0], 10)
@example(dt.datetime(2026, 1, 1, 0, 5), ZoneInfo("Pacific/Chatham"), YEARLESS[2], 20)
def test_a_date_without_a_year_is_the_next_one(
    at: dt.datetime, zone: ZoneInfo, words: Words, before: int
) -> None:
    assume((at.month, at.day) != (2, 29))
    now = _at(at, zone) - dt.timedelta(minutes=before)
    assert reminded(words(at), now, zone) == _at(at, zone)


@given(moments, zones, st.sampled_from(TOMORROW), st.times())
def test_tomorrow(at: dt.datetime, zone: ZoneInfo, words: Words, clock: dt.time) -> None:
    now = _at(dt.datetime.combine(at.date() - dt.timedelta(days=1), clock), zone)
    assume(now.astimezone(zone).date() == at.date() - dt.timedelta(days=1))
    assert reminded(words(at), now, zone) == _at(at, zone)


@given(moments, zones, st.integers(1, 6), st.booleans())
def test_a_weekday_is_the_next_one(
    at: dt.datetime, zone: ZoneInfo, ahead: int, german: bool
) -> None:
    now = _at(at, zone)
    assume(_exists(at, zone))
    day = at.date() + dt.timedelta(days=ahead)
    english = _DAYS_EN[day.weekday()]
    other = _DAYS_DE[day.weekday()]
    words = f"am {other} um 14:45 Uhr" if german else f"on {english} at 2:45pm"
    assert reminded(words, now, zone) == _at(dt.datetime.combine(day, dt.time(14, 45)), zone)


@given(moments, zones, st.integers(1, 600), st.booleans())
def test_minutes_from_now_are_exact(
    at: dt.datetime, zone: ZoneInfo, minutes: int, german: bool
) -> None:
    now = _at(at, zone)
    words = f"in {minutes} Minuten" if german else f"in {minutes} minutes"
    assert reminded(words, now, zone) == now + dt.timedelta(minutes=minutes)


@given(moments, zones, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]), st.booleans())
def test_a_time_alone_is_the_next_one(
    at: dt.datetime, zone: ZoneInfo, hour: int, minute: int, german: bool
) -> None:
    now = _at(at, zone)
    today = now.astimezone(zone).date()
    clock = dt.time(hour, minute)
    told = dt.datetime(2026, 1, 1, hour, minute)
    words = f"um {hour:02}:{minute:02} Uhr" if german else f"at {_twelve(told)}"
    found = reminded(words, now, zone)
    assert found is not None
    assert now < found or (now == found and not _exists(at, zone))
    candidates = [
        dt.datetime.combine(today + dt.timedelta(days=days), clock, zone).replace(fold=fold)
        for days in range(3)
        for fold in (0, 1)
    ]
    later = {c.astimezone(dt.UTC) for c in candidates if c.astimezone(dt.UTC) > now}
    # Of the times that come twice the second one is taken only when the first is over.
    assert found in later
    assert found - min(later) <= dt.timedelta(hours=24 if found != min(later) else 0)


@given(moments, zones, st.integers(0, 11), st.sampled_from(["half", "quarter past", "quarter to"]))
def test_clock_words_mean_one_of_two_times(
    at: dt.datetime, zone: ZoneInfo, hour: int, kind: str
) -> None:
    """Whichever half of the day is meant, English and German agree on it."""
    now, day = _at(at, zone), (at + dt.timedelta(days=1)).date()
    assume(now.astimezone(zone).date() == at.date())
    english = {
        "half": f"half past {_HOURS_EN[hour]}",
        "quarter past": f"quarter past {_HOURS_EN[hour]}",
        "quarter to": f"quarter to {_HOURS_EN[hour]}",
    }[kind]
    german = {
        "half": f"halb {_HOURS_DE[(hour + 1) % 12]}",
        "quarter past": f"Viertel nach {_HOURS_DE[hour]}",
        "quarter to": f"Viertel vor {_HOURS_DE[hour]}",
    }[kind]
    minutes = hour * 60 + {"half": 30, "quarter past": 15, "quarter to": -15}[kind]
    found = reminded(f"tomorrow at {english}", now, zone)
    assert found == reminded(f"morgen um {german}", now, zone)
    either = {
        _at(dt.datetime.combine(day, dt.time(*divmod((minutes + half) % 1440, 60))), zone)
        for half in (0, 720)
    }
    assert found in either


@given(moments, zones, st.integers(0, 1439), st.integers(1, 1439))
def test_start_and_end_of_an_event(
    at: dt.datetime, zone: ZoneInfo, start: int, length: int
) -> None:
    now, day = _at(at, zone), (at + dt.timedelta(days=1)).date()
    assume(now.astimezone(zone).date() == at.date())
    first = dt.datetime.combine(day, dt.time(*divmod(start, 60)))
    last = first + dt.timedelta(minutes=length)
    assume(_exists(first, zone) and _exists(last, zone))
    assume(_at(last, zone) > _at(first, zone))
    for words in (
        f"tomorrow from {_twelve(first)} to {_twelve(last)}",
        f"morgen von {first:%H:%M} bis {last:%H:%M} Uhr",
    ):
        found = event(words, now, zone)
        assert found is not None
        assert found[0] == _at(first, zone)
        # An end that comes twice, after a start that does, may be the second one.
        assert found[1] in (_at(last, zone), _at(last.replace(fold=1), zone))


CHANGES = {
    # What is said, when, and what it means, in UTC. Clocks go forward on 29 March 2026 at 2:00 and
    # back on 25 October at 3:00.
    "skipped": ("on 29 March at 2:30am", "2026-03-28T12:00", "2026-03-29T01:30"),
    "skipped, de": ("am 29.3. um 02:30 Uhr", "2026-03-28T12:00", "2026-03-29T01:30"),
    "before it": ("on 29 March at 1:59am", "2026-03-28T12:00", "2026-03-29T00:59"),
    "after it": ("on 29 March at 3am", "2026-03-28T12:00", "2026-03-29T01:00"),
    "twice": ("on 25 October at 2:30am", "2026-10-24T12:00", "2026-10-25T00:30"),
    "twice, in between": ("at 02:30", "2026-10-25T00:45", "2026-10-25T01:30"),
    "twice, both over": ("at 02:30", "2026-10-25T01:45", "2026-10-26T01:30"),
    "an hour over it": ("in 2 hours", "2026-03-29T00:30", "2026-03-29T02:30"),
    "a day over it": ("in 24 hours", "2026-03-28T12:00", "2026-03-29T12:00"),
    "the same time tomorrow": ("tomorrow at 1pm", "2026-03-28T12:00", "2026-03-29T11:00"),
    "in a day": ("in a day", "2026-03-28T12:00", "2026-03-29T11:00"),
    "New Year": ("at midnight", "2026-12-31T22:30", "2026-12-31T23:00"),
    "after midnight": ("tomorrow at 0:30", "2026-12-31T22:30", "2026-12-31T23:30"),
    "New Year's Day": ("on 1 January at 9am", "2026-12-31T22:59", "2027-01-01T08:00"),
    "from the other year": ("in 2 hours", "2026-12-31T22:30", "2027-01-01T00:30"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_when_clocks_or_years_change(name: str) -> None:
    words, now, expected = CHANGES[name]
    text = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    assert reminded(words, text, BERLIN) == dt.datetime.fromisoformat(expected).replace(
        tzinfo=dt.UTC
    )


def test_a_whole_day_is_as_long_as_it_is() -> None:
    now = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
    for words, hours in (("on 29 March", 23), ("on 25 October", 25), ("on 30 March", 24)):
        found = event(words, now, BERLIN)
        assert found is not None
        assert found[1] - found[0] == dt.timedelta(hours=hours)


def test_an_hour_is_an_hour_when_clocks_change() -> None:
    now = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    found = event("tomorrow at 1:30am", now, BERLIN)
    assert found is not None
    assert found[1] - found[0] == dt.timedelta(hours=1)
    assert found[1].astimezone(BERLIN).hour == 3
