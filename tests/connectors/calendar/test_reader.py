"""Events that somebody made to do harm cost a second, and nothing but themselves."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from pathlib import Path

import pytest

from pisovereign.connectors.calendar.reader import CalendarObject, ReadRequest, ReadResult
from pisovereign.connectors.calendar.reader_process import ReaderProcess
from pisovereign.errors import UpstreamError
from tests.connectors.ical.test_occurrences import event

GOOD = event("DTSTART:20260310T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
HOURS = ",".join(str(n) for n in range(24))
MINUTES = ",".join(str(n) for n in range(60))
HOSTILE = [
    event("DTSTART:20260301T000000Z", f"RRULE:FREQ={rule}")
    for rule in (
        "SECONDLY",
        "MINUTELY",
        "DAILY;INTERVAL=0",
        "DAILY;BYMONTH=2;BYMONTHDAY=30",
        "HOURLY;BYMONTH=2;BYMONTHDAY=31",
        "HOURLY;INTERVAL=7;BYMONTH=4;BYMONTHDAY=31;BYHOUR=3",
        "YEARLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=300",
        f"DAILY;BYHOUR={HOURS};BYMINUTE={MINUTES};BYSECOND={MINUTES}",
        f"HOURLY;BYMINUTE={MINUTES};BYSECOND={MINUTES}",
        "WEEKLY;COUNT=999999999999999999999",
        "DAILY;UNTIL=99999999T999999Z",
    )
] + [
    event("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"),
    event("DTSTART:99991231T235959Z", "DURATION:P999999999D", "RRULE:FREQ=DAILY"),
    event("DTSTART:20260310T100000Z", "DTEND:20250310T100000Z"),
    event("DTSTART:20260310T100000Z", "RDATE:" + ",".join(["20260310T100000Z"] * 60_000)),
    "BEGIN:VCALENDAR\r\n" * 5_000,
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + "BEGIN:VALARM\r\n" * 50_000,
    "\0" * 100_000,
    event("DTSTART;TZID=" + "../" * 40 + "etc/passwd:20260310T100000"),
    event("DTSTART;TZID=" + "A" * 100_000 + ":20260310T100000"),
]  # fmt: skip


def read(*texts: str, limit_s: float = 100.0, most: int = 1000) -> ReadResult:
    with ReaderProcess() as reading:
        return reading.ask(
            ReadRequest(
                zone="Europe/Berlin",
                start=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
                end=dt.datetime(2026, 4, 1, tzinfo=dt.UTC),
                most=most,
                limit_s=limit_s,
                objects=[CalendarObject("work", "id", text) for text in texts],
            ),
            ReadResult,
        )


def test_hostile_events_do_not_keep_the_good_ones_away() -> None:
    result = read(*HOSTILE, GOOD)
    titles = [f.occurrence.start for f in result.found if f.occurrence.title == "x"]
    assert dt.datetime(2026, 3, 10, 10, tzinfo=dt.UTC) in titles
    assert dt.datetime(2026, 3, 11, 10, tzinfo=dt.UTC) in titles
    assert result.skipped >= 3
    # None of them fills a month with appointments.
    assert len(result.found) < 200


def test_any_number_of_endless_rules_ends() -> None:
    endless = event("DTSTART:20260301T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0")
    result = read(*[endless] * 60, GOOD)
    assert result.skipped == 60
    assert len(result.found) == 2


def test_it_is_ended_when_it_takes_too_long() -> None:
    endless = event("DTSTART:20260301T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0")
    with pytest.raises(UpstreamError, match="cannot be read in time"):
        read(*[endless] * 100, limit_s=0.5)


def test_too_many_occurrences_are_said_to_be_too_many() -> None:
    daily = event("DTSTART:20260301T000000Z", "RRULE:FREQ=DAILY")
    assert read(daily, most=31).too_many is False
    assert read(daily, daily, most=31).too_many is True


def test_they_come_in_order_of_time_with_their_calendar() -> None:
    later = event("DTSTART:20260310T110000Z").replace("SUMMARY:x", "SUMMARY:later")
    day = event("DTSTART;VALUE=DATE:20260310").replace("SUMMARY:x", "SUMMARY:day")
    found = read(later, GOOD, day).found
    assert [f.occurrence.title for f in found] == ["day", "x", "later", "x"]
    assert {f.calendar for f in found} == {"work"}


def test_it_knows_no_passwords_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISOVEREIGN_CALDAV__PASSWORD", "top-secret")
    with ReaderProcess() as reading:
        pid = reading.pid
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"top-secret" not in environment + command
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def damaged(text: str, chance: random.Random) -> str:
    """The text with one to four faults."""
    lines = text.split("\r\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        line = lines[at]
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), line)
            case 2:
                lines[at] = line[: chance.randrange(len(line) + 1)]
            case 3:
                lines[at] = line.replace(":", chance.choice(["", "::", ";", ":\0", ":-", "=:"]), 1)
            case 4:
                digit = chance.choice("0123456789")
                lines[at] = line.replace(digit, chance.choice(["9", "", "99", "-", "\u0664"]))
            case 5:
                other = lines[chance.randrange(len(lines))]
                lines[at] = line.partition(":")[0] + ":" + other.partition(":")[2]
            case _:
                lines[at] = "".join(chance.sample(line, len(line)))
        if not lines:
            return ""
    return "\r\n".join(lines)


def test_thousands_of_damaged_events_keep_no_good_one_away() -> None:
    chance = random.Random(11)
    files = sorted((Path(__file__).parent / "ics").glob("*.ics"))
    texts = [damaged(f.read_bytes().decode(), chance) for f in files for _ in range(150)]
    assert len(texts) > 2000
    good = GOOD.replace("SUMMARY:x", "SUMMARY:the good one")
    result = read(*texts, good, most=100_000)
    kept = [f for f in result.found if f.occurrence.title == "the good one"]
    assert len(kept) == 2
    # Nearly all faults are survived; what is shown is a line of text, and ends after it began.
    assert result.skipped < len(texts) / 50
    assert len(result.found) > len(texts)
    assert all(f.occurrence.start <= f.occurrence.end for f in result.found)
    assert all(f.occurrence.title.isprintable() for f in result.found)
