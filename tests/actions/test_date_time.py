"""What the clock and the calendar answer."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions.date_time_question import DateTimeAnswer
from pisovereign.actions.place_zones import zone_of
from pisovereign.actions.types import Completed
from pisovereign.errors import ValidationFailed
from pisovereign.languages import LANGUAGES, Language, load_data
from tests.actions.support import BERLIN, CALLER, FakeWeather, service
from tests.support.days import lasting_day


def ask(*, language: Language = "en", weather: Any = None, **args: Any) -> Completed:
    actions = service(**({} if weather is None else {"weather": weather}))
    command = actions.command("date_time", args)
    done = asyncio.run(actions.run(CALLER._replace(language=language), command))
    assert isinstance(done, Completed)
    return done


def answer(**args: Any) -> DateTimeAnswer:
    result = ask(**args).result
    assert isinstance(result, DateTimeAnswer)
    return result


def near(moment: dt.datetime | None) -> bool:
    return moment is not None and abs(moment - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


def test_now_is_now_everywhere() -> None:
    for location, zone in ((None, "Europe/Berlin"), ("Tokyo", "Asia/Tokyo"), ("Munich", None)):
        result = answer(about="time", **({} if location is None else {"location": location}))
        assert near(result.local)
        assert result.zone == (zone or "Europe/Berlin")


def test_the_time_in_words() -> None:
    now = dt.datetime.now(BERLIN)
    assert ask(about="time").text in {
        f"It is {now + dt.timedelta(minutes=late):%H:%M}." for late in (0, 1)
    }
    assert ask(about="time", language="de").text.endswith(" Uhr.")
    there = ask(about="time", location="Sydney", moment="2098-07-01T12:00:00+02:00")
    date = "Tuesday, 1 July 2098"
    assert there.text == f"Sydney: {date} at 12:00 here is 20:00 there, {date}."


@pytest.mark.parametrize("about", ["date", "weekday", "day_of"])
def test_a_date(about: str) -> None:
    moment = "2026-06-12T09:00:00+02:00"
    assert ask(about=about, moment=moment).text == "That is Friday, 12 June 2026."
    assert ask(about=about, moment=moment, language="de").text == (
        "Das ist Freitag, 12. Juni 2026."
    )


def test_the_week_is_that_of_the_calendar() -> None:
    # The first of January 2027 is a Friday, and still in the last week of 2026.
    result = answer(about="week", moment="2027-01-01T12:00:00+01:00")
    assert result.week == 53


def test_days_are_counted_by_midnights() -> None:
    today = dt.datetime.combine(lasting_day(BERLIN), dt.time(0, 5), BERLIN)
    for days in (0, 1, 30, -3):
        moment = (today + dt.timedelta(days=days)).replace(hour=23)
        assert answer(about="days_until", moment=moment.isoformat()).days == days
    said = ask(about="days_until", moment=(today + dt.timedelta(days=3)).isoformat()).text
    assert said.startswith("3 days until ")
    past = ask(about="days_until", moment=(today - dt.timedelta(days=1)).isoformat()).text
    assert past.startswith("1 day since ")


def test_the_time_until_then() -> None:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2, minutes=5, seconds=30)
    text = ask(about="time_until", moment=moment.isoformat()).text
    assert text.startswith("2 hours 5 minutes until then: ")


@pytest.mark.parametrize("about", ["days_until", "time_until", "day_of"])
def test_a_moment_is_needed(about: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        ask(about=about)
    assert caught.value.fields == [{"field": "moment", "error": "is required"}]


def test_places_that_only_the_weather_service_knows() -> None:
    assert answer(about="time", location="Little Snoring", weather=FakeWeather()).zone == (
        "Europe/London"
    )
    unknown = ask(about="time", location="Nowhere", weather=FakeWeather())
    assert unknown.text == "I do not know which time it is there: Nowhere."
    # It is not set up, or away.
    assert answer(about="time", location="Nowhere").problem == "unknown_place"


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("new york", "America/New_York"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("Dallas, Texas", "America/Chicago"),
        ("Kalifornien", "America/Los_Angeles"),
        ("Tokio", "Asia/Tokyo"),
        ("St. Petersburg", "Europe/Moscow"),
        ("Rio-de-Janeiro", "America/Sao_Paulo"),
        ("UTC", "UTC"),
        ("Etc", None),
        ("Atlantis", None),
    ],
)
def test_places(place: str, zone: str | None) -> None:
    assert zone_of(place) == (None if zone is None else ZoneInfo(zone))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_of_the_data_exists(language: Language) -> None:
    for key in load_data(language, "places")["zones"]:
        assert ZoneInfo(key).key == key
