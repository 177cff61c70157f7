"""Complete dates in the forms that patterns let through, read on 11 March 2026."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from pisovereign.reading.times.dates import DateParser
from pisovereign.reading.times.patterns import load_times

TODAY = dt.date(2026, 3, 11)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
# The next one where there is no year.
READ = {
    ("en", "2nd of sept."): "2026-09-02",
    ("en", "march the 1st, 2028"): "2028-03-01",
    ("en", "may 3"): "2026-05-03",
    ("de", "3. maerz"): "2027-03-03",
    ("de", "24.dez. 2026"): "2026-12-24",
    ("de", "24. 12. 2026"): "2026-12-24",
    ("de", "29. februar"): "2028-02-29",
    ("de", "1. juni"): "2026-06-01",
    ("de", "1. juli"): "2026-07-01",
    ("fr", "1er août"): "2026-08-01",
    ("fr", "14 juillet 2027"): "2027-07-14",
    ("fr", "14 juin"): "2026-06-14",
    ("fr", "11 mars"): "2026-03-11",
    ("fr", "4/5/2027"): "2027-05-04",
}
NONE = ("31. april", "45.1.2027", "13/13/2027", "24. nivôse 2027", "april 2027")


@pytest.mark.parametrize(("language", "text"), READ)
def test_a_date(language: str, text: str) -> None:
    found = DateParser(load_times(language).months).parse(text, TODAY, BERLIN)
    assert found is not None
    assert found[0].isoformat() == READ[language, text]
    assert found[1] == text.endswith(("26", "27", "28"))


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_day_is_none(text: str) -> None:
    assert DateParser(load_times("de").months).parse(text, TODAY, BERLIN) is None


@pytest.mark.parametrize(("zone", "day"), [(BERLIN, "2027-04-03"), (NEW_YORK, "2027-03-04")])
def test_numbers_stand_as_they_do_there(zone: ZoneInfo, day: str) -> None:
    found = DateParser({}).parse("3/4/2027", TODAY, zone)
    assert found == (dt.date.fromisoformat(day), True)


def test_a_month_that_there_is_only_the_other_way_round() -> None:
    assert DateParser({}).parse("12/25/2027", TODAY, BERLIN) == (dt.date(2027, 12, 25), True)
