"""Single phrases: what each stands for when said on Wednesday, 11 March 2026 at 10:20 in Berlin."""

from __future__ import annotations

import datetime as dt

import pytest

from pisovereign.actions.types import CreateReminder
from tests.parsing.support import (
    BERLIN,
    NOW,
    command,
    event,
    listed,
    local,
    reminded,
)
from tests.support.rules import rules

MOMENTS = {
    # Without a day: the next time that it is so late.
    "at 3": "03-11 15:00",
    "at 11": "03-11 11:00",
    "at 10": "03-11 22:00",
    "at 9am": "03-12 09:00",
    "at 8 in the evening": "03-11 20:00",
    "at 15:30": "03-11 15:30",
    "at noon": "03-11 12:00",
    "at midnight": "03-12 00:00",
    "at half past four": "03-11 16:30",
    "at quarter to five": "03-11 16:45",
    "at ten past six": "03-11 18:10",
    "at 5 to five": "03-11 16:55",
    "at three thirty": "03-11 15:30",
    "um 3": "03-11 15:00",
    "um halb fünf": "03-11 16:30",
    "um Viertel nach drei": "03-11 15:15",
    "um dreiviertel vier": "03-11 15:45",
    "um viertel vier": "03-11 15:15",
    "um fünf vor halb vier": "03-11 15:25",
    "um 15 Uhr 30": "03-11 15:30",
    "um 15.30 Uhr": "03-11 15:30",
    "um 15h": "03-11 15:00",
    "um 6 Uhr": "03-12 06:00",
    "um Mitternacht": "03-12 00:00",
    "um zwölf": "03-11 12:00",
    "abends um 8": "03-11 20:00",
    # Days.
    "tomorrow at 9": "03-12 09:00",
    "tomorrow morning": "03-12 09:00",
    "tomorrow morning at 6": "03-12 06:00",
    "this afternoon": "03-11 15:00",
    "tonight": "03-11 19:00",
    "tonight at 1": "03-12 01:00",
    "on Friday at 9": "03-13 09:00",
    "on Wednesday at 9": "03-18 09:00",
    "this Friday at 9": "03-13 09:00",
    "next Friday at 9": "03-20 09:00",
    "next Monday at 9": "03-16 09:00",
    "on Friday next week at 9": "03-20 09:00",
    "on Monday week at 9": "03-23 09:00",
    "Monday week at 10": "03-23 10:00",
    "on Monday in two weeks at 9": "03-30 09:00",
    "a week on Friday at 9": "03-20 09:00",
    "two weeks from Friday at 9": "03-27 09:00",
    "a fortnight on Friday at 9": "03-27 09:00",
    "the day after tomorrow at 4pm": "03-13 16:00",
    "on the 5th at 9": "04-05 09:00",
    "tomorrow at half past seven pm": "03-12 19:30",
    "tomorrow at quarter to seven am": "03-12 06:45",
    "tomorrow at ten past seven p.m.": "03-12 19:10",
    "tomorrow at quarter to twelve pm": "03-12 23:45",
    "on 24 December at 4pm": "12-24 16:00",
    "on December 24th at 4pm": "12-24 16:00",
    "on 2 January at 4pm": "2027-01-02 16:00",
    "on 24 December 2027 at 4pm": "2027-12-24 16:00",
    "on 2026-05-04 at 08:15": "05-04 08:15",
    "at 2026-05-04T08:15": "05-04 08:15",
    "at 2026-05-04T08:15Z": "05-04 10:15",
    "at 2026-05-04T08:15+05:30": "05-04 04:45",
    "on New Year's Eve at 11pm": "12-31 23:00",
    "on New Year's Eve at midnight": "2027-01-01 00:00",
    "on 29 February at 9": "2028-02-29 09:00",
    "übermorgen um 9": "03-13 09:00",
    "morgen früh": "03-12 09:00",
    "heute Abend": "03-11 19:00",
    "heute Abend um 8": "03-11 20:00",
    "heute Abend um 8 Uhr": "03-11 20:00",
    "morgen um 7 Uhr abends": "03-12 19:00",
    "heute Nacht um 02:00 Uhr": "03-12 02:00",
    "heute Nacht um 1": "03-12 01:00",
    "am Freitag um 9": "03-13 09:00",
    "am Montag in zwei Wochen um 9": "03-30 09:00",
    "am Montagabend in einer Woche um 9": "03-23 21:00",
    "Freitag in acht Tagen um 9": "03-20 09:00",
    "Freitag in 14 Tagen um 9": "03-27 09:00",
    "nächsten Freitag um 9": "03-20 09:00",
    "kommenden Freitag um 9": "03-13 09:00",
    "am Freitagabend": "03-13 19:00",
    "am Montag nächster Woche um 9": "03-16 09:00",
    "nächste Woche Freitag um 9": "03-20 09:00",
    "am Sonnabend um 9": "03-14 09:00",
    "am 24.12. um 16 Uhr": "12-24 16:00",
    "am 24. Dezember um 16 Uhr": "12-24 16:00",
    "am 24.12.2027 um 16 Uhr": "2027-12-24 16:00",
    "am 5. um 9 Uhr": "04-05 09:00",
    "an Silvester um 23 Uhr": "12-31 23:00",
    "heute in einer Woche um 9": "03-18 09:00",
    # From now.
    "in 20 minutes": "03-11 10:40",
    "in 180 seconds": "03-11 10:23",
    "in 120 Sekunden": "03-11 10:22",
    "in 1 hour, 4 minutes and 60 seconds": "03-11 11:25",
    "in einer Stunde und 4 Minuten und 60 Sekunden": "03-11 11:25",
    "in an hour and a half": "03-11 11:50",
    "in a quarter of an hour": "03-11 10:35",
    "in 1h30": "03-11 11:50",
    "in three weeks": "04-01 10:20",
    "in 3 days at 9": "03-14 09:00",
    "in zwei Stunden": "03-11 12:20",
    "in anderthalb Stunden": "03-11 11:50",
    "in zweieinhalb Stunden": "03-11 12:50",
    "in einer Dreiviertelstunde": "03-11 11:05",
    "in einer halben Stunde": "03-11 10:50",
    "in 2,5 Stunden": "03-11 12:50",
    "in einem Monat": "04-11 10:20",
    # Without a time of day.
    "tomorrow": "03-12 09:00",
    "today": "03-11 12:00",
    "on Friday": "03-13 09:00",
}

SPANS = {
    "tomorrow, 15:00 to 17:00": ("03-12 15:00", 120),
    "tomorrow from 2 to 4pm": ("03-12 14:00", 120),
    "tomorrow from 11 to 1pm": ("03-12 11:00", 120),
    "tomorrow 10-11am": ("03-12 10:00", 60),
    "tomorrow between 2 and 3pm": ("03-12 14:00", 60),
    "tomorrow from 10am until noon": ("03-12 10:00", 120),
    "tomorrow evening, 7 to 9": ("03-12 19:00", 120),
    "tomorrow from 10pm to 2am": ("03-12 22:00", 240),
    "tomorrow at 9 for 90 minutes": ("03-12 09:00", 90),
    "tomorrow at 9 for an hour and 15 minutes": ("03-12 09:00", 75),
    "tomorrow at 9": ("03-12 09:00", 60),
    "morgen von 14 bis 16 Uhr": ("03-12 14:00", 120),
    "morgen zwischen 9 und 10 Uhr": ("03-12 09:00", 60),
    "morgen von halb drei bis vier": ("03-12 14:30", 90),
    "am Samstag von 22 bis 2 Uhr": ("03-14 22:00", 240),
    "morgen um 9 für anderthalb Stunden": ("03-12 09:00", 90),
    "morgen um 9 für eine halbe Stunde": ("03-12 09:00", 30),
    "on Friday": ("03-13 00:00", 1440),
    "from 3 to 7 August": ("08-03 00:00", 5 * 1440),
    "vom 3. bis 7. August": ("08-03 00:00", 5 * 1440),
    "vom 28.12. bis 3.1.": ("12-28 00:00", 7 * 1440),
}

DAYS = {
    "for today": (None, 1),
    "for tomorrow": ("03-12 00:00", 1),
    "for the next 5 days": (None, 5),
    "for this week": (None, 5),
    "for next week": ("03-16 00:00", 7),
    "for the weekend": ("03-14 00:00", 2),
    "for next month": ("04-01 00:00", 30),
    "für übermorgen": ("03-13 00:00", 1),
    "für die nächsten zwei Wochen": (None, 14),
    "für diesen Monat": (None, 21),
    "from 3 to 7 August": ("08-03 00:00", 5),
}

NO_TIMES = [
    "at 25:00", "on 31 February at 9", "am 31.4. um 9 Uhr", "um 24:30 Uhr", "at 13pm",
    "on 2026-02-30 at 9:00", "yesterday at 9", "gestern um 9",
    "jeden Montag um 9", "two days ago", "last Friday at 9", "today at 9:00 am",
    "heute um 09:00 Uhr",
    "on 2025-01-01 at 9am", "in 5000 months",
    "on 9999-12-31 at 23:59", "at 0001-01-01T00:00Z", "on 1900-01-01",
]  # fmt: skip

NO_CLOCKS = {
    "en": [
        "at 25:00", "at 25", "at 9:75", "at 9:5", "at 13pm", "at 9.75", "at 24:30", "at 900",
        "at 1430", "at 9:00:75", "at half past 25", "at quarter to 30", "at thirteen",
        "at twenty five", "at 9h30", "at 25 o'clock", "25 o'clock", "by 25:00",
        "from 25:00 to 26:00", "from 9 to 25", "from 9:00 to 9:75",
        "between 9:00 and 9:75",
    ],
    "de": [
        "um 25 Uhr", "um 25", "um 9:75", "um 9:75 Uhr", "um 9.75 Uhr", "um 24:30 Uhr",
        "um halb 25", "um viertel nach 30", "um dreißig Uhr", "um 1430", "um 14h30", "25 Uhr",
        "gegen 25:00", "von 9 bis 25 Uhr", "von 25 bis 26", "zwischen 9:00 und 9:75",
    ],
}  # fmt: skip

AROUND = {
    "en": [
        "remind me tomorrow {} to breathe", "remind me to breathe tomorrow {}",
        "remind me tomorrow to breathe {}", "schedule a meeting tomorrow {}",
        "show my calendar tomorrow {}",
    ],
    "de": [
        "erinnere mich morgen {} ans Atmen", "erinnere mich morgen ans Atmen {}",
        "trage morgen {} Zahnarzt ein", "zeig meinen Kalender morgen {}",
    ],
}  # fmt: skip

NUMBERS = [
    ("remind me tomorrow to arrive at 45 Main Street", "arrive at 45 Main Street"),
    ("remind me tomorrow at 9 to sell at 25", "sell at 25"),
    ("remind me tomorrow to look at 100 pages", "look at 100 pages"),
    ("remind me tomorrow to set the ratio 16:90", "set the ratio 16:90"),
    ("remind me tomorrow to read Psalm 23:75", "read Psalm 23:75"),
    ("remind me tomorrow to check 10.0.0.1:8080", "check 10.0.0.1:8080"),
    ("erinnere mich morgen an Psalm 23:75", "Psalm 23:75"),
    ("erinnere mich morgen daran, um 50 Euro zu bitten", "um 50 Euro bitten"),
    ("erinnere mich morgen daran, eine Uhr zu kaufen", "eine Uhr kaufen"),
    ("erinnere mich morgen um 9 daran, den Preis um 30 zu senken", "den Preis um 30 senken"),
]  # fmt: skip


@pytest.mark.parametrize("words", MOMENTS)
def test_a_moment(words: str) -> None:
    assert reminded(words) == local(MOMENTS[words])


@pytest.mark.parametrize("words", SPANS)
def test_start_and_end(words: str) -> None:
    start, minutes = SPANS[words]
    found = event(words)
    assert found is not None
    assert found[0] == local(start)
    assert found[1] - found[0] == dt.timedelta(minutes=minutes)


@pytest.mark.parametrize("words", DAYS)
def test_days(words: str) -> None:
    start, days = DAYS[words]
    assert listed(words) == (local(start) if start else None, days)


@pytest.mark.parametrize("words", NO_TIMES)
def test_what_is_no_time_to_come_is_refused(words: str) -> None:
    assert reminded(words) is None


@pytest.mark.parametrize(
    "text",
    [
        around.format(words)
        for language, of in NO_CLOCKS.items()
        for words in of
        for around in AROUND[language]
    ],
)
def test_a_time_that_no_clock_shows_is_not_left_out(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize(
    "text", ["remind me tomorrow 25:00 to x", "trage morgen 9:75 Zahnarzt ein"]
)
def test_without_a_word_for_time_it_is_one_after_a_day(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize(("text", "title"), NUMBERS)
def test_a_number_may_belong_to_a_title(text: str, title: str) -> None:
    found = command(text)
    assert isinstance(found, CreateReminder)
    assert found.title == title


def test_a_time_that_can_be_read_in_two_ways_lowers_confidence() -> None:
    sure, doubtful = (
        rules().parse(f"schedule a meeting {when} at 9am", NOW, BERLIN, ()).confidence
        for when in ("on Friday", "next Friday")
    )
    assert doubtful < sure
