"""Calendars on a real server, read and written as commands do it."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import logging
import uuid
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme

from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.connectors.calendar.objects import split_range
from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.connectors.calendar.types import CalendarEvent
from pisovereign.errors import (
    HostFailed,
    HostPaused,
    NotConfigured,
    Refused,
    UpstreamError,
    ValidationFailed,
)
from pisovereign.outbound.breakers import Breakers
from tests.connectors.calendar.conftest import BERLIN, OWNER, Opened, fixture_text
from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale
from tests.connectors.ical.test_occurrences import event
from tests.support.server import free_port

DENTIST = CreateCalendarEvent(
    title="Zahnarzt, Dr. Süß; Kontrolle",
    start=dt.datetime(2026, 7, 1, 13, tzinfo=dt.UTC),
    end=dt.datetime(2026, 7, 1, 14, 30, tzinfo=dt.UTC),
    location="Hauptstr. 1\nBEGIN:VEVENT",
)


def day(year: int, month: int, number: int) -> dt.datetime:
    """Midnight in the user's zone."""
    return dt.datetime(year, month, number, tzinfo=BERLIN)


def listed(calendar: CalDavCalendar, start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
    return asyncio.run(calendar.events(OWNER, start, end))


def titles(events: list[CalendarEvent]) -> list[str]:
    return [f"{e.time} {e.title}" for e in events]


def test_several_calendars_together_in_order_of_time(radicale: Radicale, opened: Opened) -> None:
    work, home = f"w{uuid.uuid4().hex}", f"h{uuid.uuid4().hex}"
    radicale.make_calendar(work, f"Work {work}")
    radicale.make_calendar(home, f"Zuhause & Familie {home}".replace("&", "&amp;"))
    radicale.add(work, "series", fixture_text("outlook_series"))
    radicale.add(work, "standup", fixture_text("google_series"))
    radicale.add(home, "days", fixture_text("exchange_all_day"))
    calendar = opened.calendar(calendars=(f"work {work}", home))
    found = listed(calendar, day(2026, 3, 9), day(2026, 3, 24))
    title = "Wochenbesprechung, Team Süd-Ost: Zahlen, Ausblick und Verschiedenes"
    assert titles(found) == [
        f"09:00 {title}",
        "None Offsite",
        "15:00 Standup 🚀",
        "21:00 Standup 🚀 (Thursday)",
        f"09:00 {title}",
        "15:00 Standup 🚀",
    ]
    assert [e.calendar for e in found[:2]] == [f"Work {work}", f"Zuhause & Familie {home}"]
    assert found[1] == CalendarEvent(
        time=None,
        title="Offsite",
        start=dt.datetime(2026, 3, 10, 23, tzinfo=dt.UTC),
        end=dt.datetime(2026, 3, 12, 23, tzinfo=dt.UTC),
        all_day=True,
        calendar=f"Zuhause & Familie {home}",
        id=found[1].id,
    )
    # What recurs is not changed here, and has no id.
    assert [e.id is None for e in found] == [True, False, True, True, True, True]


def test_all_calendars_are_read_if_none_are_named(
    radicale: Radicale, opened: Opened, fresh: str
) -> None:
    radicale.add(fresh, "one", event("DTSTART:20310310T100000Z"))
    other = f"o{uuid.uuid4().hex}"
    radicale.make_calendar(other)
    radicale.add(other, "two", event("DTSTART:20310310T090000Z").replace("SUMMARY:x", "SUMMARY:y"))
    found = listed(opened.calendar(), day(2031, 3, 10), day(2031, 3, 11))
    assert titles(found) == ["10:00 y", "11:00 x"]
    only = opened.calendar(calendars=(fresh,))
    assert titles(listed(only, day(2031, 3, 10), day(2031, 3, 11))) == ["11:00 x"]


def test_days_are_those_of_the_users_zone(radicale: Radicale, opened: Opened, fresh: str) -> None:
    # 23:30 in New York is the next day in Berlin; a floating and a whole day are everywhere.
    radicale.add(fresh, "late", event("DTSTART;TZID=America/New_York:20260310T233000"))
    radicale.add(fresh, "floating", fixture_text("floating"))
    radicale.add(fresh, "day", event("DTSTART;VALUE=DATE:20260310").replace("UID:x", "UID:d"))
    york, auckland = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")
    for zone, expected in (
        (york, ["None x", "07:30 Take medicine", "23:30 x"]),
        (BERLIN, ["None x", "07:30 Take medicine"]),
        (auckland, ["None x", "07:30 Take medicine"]),
    ):
        calendar = opened.calendar(calendars=(fresh,), zone=zone)
        start = dt.datetime(2026, 3, 10, tzinfo=zone)
        end = dt.datetime(2026, 3, 11, tzinfo=zone)
        assert titles(listed(calendar, start, end)) == expected


def test_an_event_that_recurs_is_there_once_in_a_range_of_many_windows(
    radicale: Radicale, opened: Opened, fresh: str
) -> None:
    weekly = ("DTSTART;TZID=Europe/Berlin:20260105T090000", "RRULE:FREQ=WEEKLY;COUNT=60")
    radicale.add(fresh, "weekly", event(*weekly))
    calendar = opened.calendar(calendars=(fresh,))
    found = listed(calendar, day(2026, 1, 1), day(2027, 1, 1))
    assert len(found) == 52
    assert {e.time for e in found} == {"09:00"}
    assert len({e.start for e in found}) == 52


def test_windows_cover_the_range_without_a_gap() -> None:
    start, end = day(2026, 1, 1), day(2027, 1, 2)
    parts = list(split_range(start, end))
    assert parts[0][0] == start
    assert parts[-1][1] == end
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
    assert len(parts) == 4
    assert list(split_range(start, start)) == []


def test_two_thousand_events_of_a_year(radicale: Radicale, opened: Opened, fresh: str) -> None:
    first = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC)
    inside = radicale.inside(fresh)
    for number in range(2000):
        start = first + number * dt.timedelta(hours=4)
        text = event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT30M")
        text = text.replace("UID:x", f"UID:{number}").replace("SUMMARY:x", f"SUMMARY:{number}")
        (inside / f"{number}.ics").write_bytes(text.encode())
    calendar = opened.calendar(calendars=(fresh,), limit_s=100.0)
    found = listed(calendar, day(2026, 1, 1), day(2027, 1, 1))
    assert [e.title for e in found] == [str(number) for number in range(2000)]


def test_too_many_events_are_refused_with_advice(
    radicale: Radicale, opened: Opened, fresh: str
) -> None:
    for number in range(20):
        daily = event("DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY")
        radicale.add(fresh, str(number), daily.replace("UID:x", f"UID:{number}"))
    calendar = opened.calendar(calendars=(fresh,))
    assert len(listed(calendar, day(2026, 1, 2), day(2026, 1, 12))) == 200
    with pytest.raises(UpstreamError, match="more than 5000 events: ask for fewer days"):
        listed(calendar, day(2026, 1, 1), day(2026, 12, 31))


def test_an_event_is_created_once_however_often_it_is_asked_for(
    radicale: Radicale, opened: Opened, fresh: str
) -> None:
    calendar = opened.calendar(default_calendar=fresh)
    uid = f"{uuid.uuid4()}@pisovereign"
    made = asyncio.run(calendar.create(OWNER, DENTIST, uid))
    again = asyncio.run(calendar.create(OWNER, DENTIST, uid))
    assert made == again
    assert (made.time, made.calendar) == ("15:00", fresh)
    (text,) = radicale.objects(fresh)
    assert f"UID:{uid}" in text.replace("\r\n ", "")
    assert "DTSTART;TZID=Europe/Berlin:20260701T150000" in text
    found = listed(opened.calendar(calendars=(fresh,)), day(2026, 7, 1), day(2026, 7, 2))
    assert [(e.title, e.location, e.end) for e in found] == [
        (DENTIST.title, "Hauptstr. 1 BEGIN:VEVENT", DENTIST.end)
    ]


def test_an_event_that_somebody_changed_meanwhile_stays_changed(
    radicale: Radicale, opened: Opened, fresh: str
) -> None:
    calendar = opened.calendar(default_calendar=fresh)
    uid = f"{uuid.uuid4()}@pisovereign"
    asyncio.run(calendar.create(OWNER, DENTIST, uid))
    (text,) = radicale.objects(fresh)
    path = f"{NAME}/{fresh}/{uid}.ics"
    changed = radicale.request("PUT", path, data=text.replace("Kontrolle", "verschoben").encode())
    assert changed.ok
    asyncio.run(calendar.create(OWNER, DENTIST, uid))
    (text,) = radicale.objects(fresh)
    assert "verschoben" in text.replace("\r\n ", "")


@pytest.mark.parametrize("minutes", [0, -30, 60 * 24 * 400])
def test_an_event_must_end_after_its_start_and_within_a_year(opened: Opened, minutes: int) -> None:
    event = CreateCalendarEvent(
        title="x", start=DENTIST.start, end=DENTIST.start + dt.timedelta(minutes=minutes)
    )
    with pytest.raises(ValidationFailed) as refused:
        asyncio.run(opened.calendar().create(OWNER, event, "x"))
    assert [field["field"] for field in refused.value.fields] == ["end"]


def test_nobody_else_sees_or_changes_them(opened: Opened) -> None:
    calendar, stranger = opened.calendar(), uuid.uuid4()
    with pytest.raises(NotConfigured, match=r"caldav\.users"):
        asyncio.run(calendar.events(stranger, day(2026, 1, 1), day(2026, 1, 2)))
    with pytest.raises(NotConfigured, match=r"caldav\.users"):
        asyncio.run(calendar.create(stranger, DENTIST, "x"))


def test_a_healthy_server_is_healthy(opened: Opened) -> None:
    asyncio.run(opened.calendar().check())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": "wrong"}, "does not accept caldav.username with its password"),
        ({"username": "", "password": ""}, "does not accept caldav.username"),
        ({"calendars": ("Nowhere",)}, "no calendar Nowhere, which caldav.calendars names"),
    ],
)
def test_what_is_configured_wrongly_is_said(
    opened: Opened,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    reason: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(UpstreamError) as failed:
        listed(opened.calendar(**changes), day(2026, 3, 1), day(2026, 3, 2))
    assert reason in failed.value.message
    assert PASSWORD not in failed.value.message + caplog.text


def test_an_unknown_default_calendar_is_said(opened: Opened) -> None:
    calendar = opened.calendar(default_calendar="Nowhere")
    with pytest.raises(UpstreamError, match=r"Nowhere, which caldav\.default_calendar names"):
        asyncio.run(calendar.create(OWNER, DENTIST, "x"))


def test_a_certificate_of_a_stranger_is_refused_before_the_password_is_sent(
    tmp_path: Path, opened: Opened
) -> None:
    stranger = Radicale(tmp_path, trustme.CA()).start()
    try:
        calendar = opened.calendar(url=stranger.url)
        with pytest.raises(HostFailed, match="certificate of localhost cannot be verified"):
            listed(calendar, day(2026, 3, 1), day(2026, 3, 2))
        assert "PROPFIND" not in stranger.log()
    finally:
        stranger.stop()


def test_a_certificate_for_another_name_is_refused(radicale: Radicale, opened: Opened) -> None:
    calendar = opened.calendar(url=f"https://127.0.0.1:{radicale.port}/")
    with pytest.raises(HostFailed, match=r"certificate of 127\.0\.0\.1 cannot be verified"):
        listed(calendar, day(2026, 3, 1), day(2026, 3, 2))


def test_a_server_that_is_away_is_given_a_pause(opened: Opened) -> None:
    url = f"https://localhost:{free_port()}/"
    calendar = opened.calendar(url=url, breakers=Breakers(failures=2))
    for expected in (HostFailed, HostFailed, HostPaused):
        with pytest.raises(expected):
            listed(calendar, day(2026, 3, 1), day(2026, 3, 2))


def test_an_address_that_the_configuration_does_not_name_is_not_contacted(
    radicale: Radicale, opened: Opened
) -> None:
    calendar = opened.calendar()
    opened.gates[-1]._allowed = frozenset()
    with pytest.raises(Refused, match="not on the public internet"):
        listed(calendar, day(2026, 3, 1), day(2026, 3, 2))
