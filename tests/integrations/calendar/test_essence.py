"""Of iCalendar text, only what says what happens when is read."""

from __future__ import annotations

import datetime as dt

import pytest

from pisovereign.integrations.calendar.essence import essence
from tests.integrations.calendar.conftest import fixture_text
from tests.integrations.calendar.test_occurrences import lines, read


def test_the_rest_is_left_out() -> None:
    text = essence(fixture_text("outlook_series"))
    for gone in ("VALARM", "X-ALT-DESC", "ATTENDEE", "DESCRIPTION", "BUSYSTATUS", "METHOD"):
        assert gone not in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 3
    assert "Ausblick und Verschiedenes\r\n" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "VTIMEZONE" not in essence(text, zones=False)


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
