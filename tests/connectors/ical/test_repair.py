"""Of iCalendar text, only what says what happens when is read, and zones by any of their names."""

from __future__ import annotations

import datetime as dt

import pytest

from pisovereign.connectors.ical.repair import find_zone, reduce_text
from tests.connectors.calendar.conftest import fixture_text
from tests.connectors.ical.test_occurrences import lines, read


def test_the_rest_is_left_out() -> None:
    text = reduce_text(fixture_text("outlook_series"))
    for gone in ("VALARM", "X-ALT-DESC", "ATTENDEE", "DESCRIPTION", "BUSYSTATUS", "METHOD"):
        assert gone not in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 3
    assert "Ausblick und Verschiedenes\r\n" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "VTIMEZONE" not in reduce_text(text, zones=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BEGIN:VCALENDAR\r\n", ""),
        ("END:VEVENT\r\nEND:VCALENDAR\r\n", ""),
        ("BEGIN:VEVENT", "a line that is none\r\nbegin:vevent"),
        ("SUMMARY:Parcel", "SUMMARY:Par\r\n\t cel"),
        ("SUMMARY:Parcel", "BEGIN:VALARM\r\nDTSTART:2026\r\nEND:VALARM\r\nSUMMARY:Parcel"),
        ("SUMMARY:Parcel", "SUMMARY:Parcel\r\nSUMMARY:Second\r\nDTSTART:20260311T150000Z"),
        ("\r\n", "\n"),
        ("\r\n", "\r\n\r\n"),
        ("PRODID:-//x//EN", "X-WR-TIMEZONE:Nowhere/Else"),
        ("PRODID:-//x//EN", "CALSCALE:JULIAN"),
        ("BEGIN:VEVENT", "END:VEVENT\r\nEND:VTODO\r\nBEGIN:VEVENT"),
        ("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:X\r\nNONSENSE\r\nBEGIN:VEVENT"),
    ],
)  # fmt: skip
def test_what_is_broken_around_an_event_is_no_matter(before: str, after: str) -> None:
    text = fixture_text("missing_end")
    assert before in text
    found = read(text.replace(before, after), dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    assert lines(found)[0].replace("Par cel", "Parcel") == "10.03. 16:00-10.03. 16:00 Parcel"
    assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ('"Pacific Standard Time"', "America/Los_Angeles"),
        ("/Europe/Paris", "Europe/Paris"),
        ("/freeassociation.sourceforge.net/Asia/Tokyo", "Asia/Tokyo"),
        (
            "/softwarestudio.org/Tzfile/America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
        ("GMT", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("(UTC) Coordinated Universal Time", "UTC"),
    ],
)
def test_known_names(name: str, zone: str) -> None:
    assert str(find_zone(name)) == zone


@pytest.mark.parametrize(
    "name",
    ["", "/", "Europe", "Customized Time Zone", "../../etc/passwd", "a\0b", "Ä" * 300, "x/" * 5000],
)
def test_others_are_unknown(name: str) -> None:
    assert find_zone(name) is None
