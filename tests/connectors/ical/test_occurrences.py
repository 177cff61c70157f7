"""What is shown of the events that real programs write, in the user's zone."""

from __future__ import annotations

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from pisovereign.connectors.ical.occurrences import Occurrence, occurrences
from tests.connectors.calendar.conftest import BERLIN, fixture_text

SPRING = (dt.date(2026, 3, 1), dt.date(2026, 6, 1))


def read(
    text: str,
    first: dt.date = SPRING[0],
    last: dt.date = SPRING[1],
    zone: ZoneInfo = BERLIN,
) -> list[Occurrence]:
    """Everything of the days from `first` until the day before `last`."""
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last))
    return sorted(occurrences(text, start, end, zone), key=lambda found: found.start)


def lines(found: list[Occurrence], zone: ZoneInfo = BERLIN) -> list[str]:
    """As a person would write them down."""
    form = "%d.%m. %H:%M"
    return [
        f"{o.start.astimezone(zone):{form}}-{o.end.astimezone(zone):%d.%m. %H:%M}"
        f"{' all day' if o.all_day else ''} {o.title}"
        for o in found
    ]


def event(*properties: str) -> str:
    """One event with these properties."""
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:x", "SUMMARY:x"]
    return "\r\n".join([*body, *properties, "END:VEVENT", "END:VCALENDAR", ""])


def test_outlooks_series_with_a_moved_a_canceled_and_an_excluded_instance() -> None:
    title = "Wochenbesprechung, Team Süd-Ost: Zahlen, Ausblick und Verschiedenes"
    found = read(fixture_text("outlook_series"))
    assert lines(found) == [
        f"09.03. 09:00-09.03. 09:30 {title}",
        f"23.03. 09:00-23.03. 09:30 {title}",
        "31.03. 14:00-31.03. 15:00 Wochenbesprechung (verschoben)",
        f"13.04. 09:00-13.04. 09:30 {title}",
        f"20.04. 09:00-20.04. 09:30 {title}",
        f"27.04. 09:00-27.04. 09:30 {title}",
        f"04.05. 09:00-04.05. 09:30 {title}",
    ]
    assert found[0].location == "Microsoft Teams-Besprechung; Raum „Süd“ 2.OG"


def test_googles_series_across_two_changes_of_the_clock() -> None:
    assert lines(read(fixture_text("google_series"))) == [
        "02.03. 16:00-02.03. 16:25 Standup 🚀",
        "16.03. 15:00-16.03. 15:25 Standup 🚀",
        "19.03. 21:00-19.03. 21:25 Standup 🚀 (Thursday)",
        "23.03. 15:00-23.03. 15:25 Standup 🚀",
        "25.03. 15:00-25.03. 15:25 Standup 🚀",
        "30.03. 16:00-30.03. 16:25 Standup 🚀",
    ]


@pytest.mark.parametrize("name", ["google_until_is_a_day", "until_in_local_time"])
def test_the_last_day_of_a_series_is_not_lost_west_of_greenwich(name: str) -> None:
    york = ZoneInfo("America/New_York")
    found = read(fixture_text(name), zone=york)
    assert [f"{o.start.astimezone(york):%d. %H:%M}" for o in found] == [
        "02. 20:00",
        "03. 20:00",
        "04. 20:00",
    ]


def test_whole_days_are_days_of_the_user() -> None:
    text = fixture_text("all_day_series")
    for name in ("Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"):
        zone = ZoneInfo(name)
        assert lines(read(text, zone=zone), zone) == [
            "01.03. 00:00-03.03. 00:00 all day Inventory",
            "01.05. 00:00-03.05. 00:00 all day Inventory",
        ]


def test_exchanges_whole_days_are_days_in_every_zone() -> None:
    text = fixture_text("exchange_all_day")
    assert lines(read(text)) == ["11.03. 00:00-13.03. 00:00 all day Offsite"]


def test_a_birthday_on_the_29th_of_february_is_in_leap_years() -> None:
    text = fixture_text("birthday")
    assert lines(read(text, dt.date(2028, 2, 1), dt.date(2028, 4, 1))) == [
        "29.02. 00:00-01.03. 00:00 all day Bob's birthday"
    ]
    assert read(text, dt.date(2027, 1, 1), dt.date(2028, 1, 1)) == []


def test_two_files_may_mean_different_things_with_one_zone_name() -> None:
    first, second = fixture_text("outlook_custom_zone"), fixture_text("outlook_custom_zone_other")
    for _ in range(2):
        assert lines(read(first)) == ["10.03. 14:00-10.03. 15:00 Call with Tashkent"]
        assert lines(read(second)) == ["10.03. 22:30-10.03. 23:30 Call with St. John's"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing_end", ["10.03. 16:00-10.03. 16:00 Parcel"]),
        ("unknown_zone", ["10.03. 12:00-10.03. 13:00 Lunch"]),
        ("evolution_zone", ["10.03. 10:00-10.03. 11:00 Tokyo"]),
        ("detached_instance", ["10.03. 11:00-10.03. 11:30 Only this one was for me"]),
        ("broken_lines", ["10.03. 10:00-10.03. 10:00 Still there\\"]),
        (
            "floating",
            [
                "10.03. 07:30-10.03. 08:00 Take medicine",
                "11.03. 07:30-11.03. 08:00 Take medicine",
                "20.03. 07:30-20.03. 08:00 Take medicine",
            ],
        ),
        (
            "period_and_this_and_future",
            [
                "02.03. 10:00-02.03. 11:00 Workshop",
                "05.03. 13:00-05.03. 16:00 Workshop",
                "09.03. 10:00-09.03. 11:00 Workshop",
                "16.03. 12:00-16.03. 13:00 Workshop (later)",
                "23.03. 12:00-23.03. 13:00 Workshop (later)",
            ],
        ),
    ],
)
def test_other_programs(name: str, expected: list[str]) -> None:
    assert lines(read(fixture_text(name))) == expected


def test_a_time_without_a_zone_is_the_users() -> None:
    text = fixture_text("floating")
    tokyo = ZoneInfo("Asia/Tokyo")
    assert lines(read(text, zone=tokyo), tokyo)[0] == "10.03. 07:30-10.03. 08:00 Take medicine"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # Clocks go forward: 02:30 does not exist on the 29th, and is half past three then.
        (
            "DTSTART;TZID=Europe/Berlin:20260328T023000",
            ["28. 01:30-02:00", "29. 01:30-02:00", "30. 00:30-01:00"],
        ),
        # A meeting of New York, three weeks in which only one of both has changed its clock.
        (
            "DTSTART;TZID=Eastern Standard Time:20260307T090000",
            ["07. 14:00-14:30", "08. 13:00-13:30", "09. 13:00-13:30"],
        ),
    ],
)
def test_the_clocks_go_forward(start: str, expected: list[str]) -> None:
    text = event(start, "DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=3")
    found = read(text, dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    assert [f"{o.start:%d. %H:%M}-{o.end:%H:%M}" for o in found] == expected


def test_the_clocks_go_back() -> None:
    # 02:30 comes twice on the 25th of October: the first of them is meant.
    text = event("DTSTART;TZID=Europe/Berlin:20261024T023000", "RRULE:FREQ=DAILY;COUNT=3")
    found = read(text, dt.date(2026, 10, 1), dt.date(2026, 11, 1))
    assert [f"{o.start:%d. %H:%M}" for o in found] == ["24. 00:30", "25. 00:30", "26. 01:30"]


@pytest.mark.parametrize(
    ("day", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)]
)
def test_a_whole_day_is_as_long_as_the_day(day: dt.date, hours: int) -> None:
    text = event(f"DTSTART;VALUE=DATE:{day:%Y%m%d}")
    (found,) = read(text, day, day + dt.timedelta(1))
    assert found.end - found.start == dt.timedelta(hours=hours)
    assert read(text, day + dt.timedelta(1), day + dt.timedelta(2)) == []
    assert read(text, day - dt.timedelta(1), day) == []


def test_what_only_touches_the_days_is_in_them_and_what_ends_at_midnight_is_not() -> None:
    day, next_day = dt.date(2026, 3, 10), dt.date(2026, 3, 11)
    over_midnight = event("DTSTART:20260309T220000Z", "DTEND:20260310T010000Z")
    until_midnight = event("DTSTART:20260309T200000Z", "DTEND:20260309T230000Z")
    from_midnight = event("DTSTART:20260310T230000Z", "DTEND:20260311T000000Z")
    moment = event("DTSTART:20260309T230000Z")
    assert len(read(over_midnight, day, next_day)) == 1
    assert read(until_midnight, day, next_day) == []
    assert read(from_midnight, day, next_day) == []
    assert len(read(moment, day, next_day)) == 1


def test_what_is_shown_is_one_line_of_bounded_length() -> None:
    text = event("DTSTART:20260310T100000Z", "LOCATION:a\\nb\x1b[31m\u202ec" + "x" * 1000)
    (found,) = read(text)
    assert found.location is not None
    assert found.location.startswith("a b [31m cxxx")
    assert len(found.location) == 200


def test_without_a_title_it_says_so() -> None:
    (found,) = read(event("DTSTART:20260310T100000Z").replace("SUMMARY:x\r\n", ""))
    assert found.title == "(no title)"


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR", "BEGIN:VCARD\r\nEND:VCARD\r\n"])
def test_what_is_no_calendar_has_no_events(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read(text) == []
