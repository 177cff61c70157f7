"""Two people with two zones and two languages on one device, through the real program."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.accounts.support import Browser, join, signed_in
from tests.support.server import Server, clean_environment

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def two(server: Server) -> tuple[Browser, Browser]:
    """Somebody in Tokyo who reads German, and somebody in New York who reads English."""
    owner = signed_in(server.url)
    first, _ = join(owner, language="de-AT", time_zone=TOKYO.key)
    second, _ = join(owner, language="en-US", time_zone=NEW_YORK.key)
    return first, second


NOW = {"command": "date_time", "args": {"about": "time"}}


def say(browser: Browser, text: str, **body: Any) -> dict[str, Any]:
    answer = browser.request("POST", "/v1/chat", json={"message": text, **body})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_times_are_meant_where_each_is(two: tuple[Browser, Browser]) -> None:
    for browser, zone, text in zip(
        two,
        (TOKYO, NEW_YORK),
        ("Erinnere mich morgen um 8 Uhr an den Anruf", "Remind me tomorrow at 8 am to call"),
        strict=True,
    ):
        before = dt.datetime.now(zone).date()
        said = say(browser, text)
        local = moment(said["command"]["result"]["remind_at"]).astimezone(zone)
        assert local.time() == dt.time(8)
        assert local.date() - before >= dt.timedelta(1)
        assert "8:00" in said["content"], said["content"]
        # What refers to it is meant there too.
        later = say(
            browser,
            "Nein, um 9 Uhr" if zone is TOKYO else "no, at 9 am",
            conversation_id=said["conversation_id"],
        )
        moved = browser.request("GET", "/v1/reminders").json()[0]["remind_at"]
        assert moment(moved).astimezone(zone).hour == 9, later["content"]


def test_the_time_and_the_day_are_those_of_each(two: tuple[Browser, Browser]) -> None:
    for browser, zone in zip(two, (TOKYO, NEW_YORK), strict=True):
        answer = browser.request("POST", "/v1/commands", json=NOW).json()
        assert answer["result"]["zone"] == zone.key
        told = moment(answer["result"]["local"])
        assert told.utcoffset() == told.astimezone(zone).utcoffset()


def test_texts_are_in_the_language_of_each(two: tuple[Browser, Browser]) -> None:
    german, english = (
        browser.request("POST", "/v1/commands", json={"command": "reminders"}).json()["text"]
        for browser in two
    )
    assert "reminder" not in german.lower(), german
    assert "reminder" in english.lower() or "tomorrow" in english.lower(), english


def test_a_schedule_without_a_zone_is_meant_where_its_owner_is(
    two: tuple[Browser, Browser],
) -> None:
    body = {"description": "morning briefing", "cron": "0 7 * * *"}
    for browser, zone in zip(two, (TOKYO, NEW_YORK), strict=True):
        made = browser.request("POST", "/v1/agentic/schedules", json=body)
        assert made.status_code == 201, made.text
        assert made.json()["time_zone"] == zone.key
        assert moment(made.json()["next_at"]).astimezone(zone).hour == 7


def test_another_zone_holds_at_once(two: tuple[Browser, Browser]) -> None:
    browser, _ = two
    for zone in ("Pacific/Auckland", TOKYO.key):
        changed = browser.request("PATCH", "/v1/profile", json={"time_zone": zone})
        assert changed.json()["time_zone"] == zone
        answer = browser.request("POST", "/v1/commands", json=NOW).json()
        assert answer["result"]["zone"] == zone


def test_a_terminal_says_where_it_is_the_first_time(server: Server) -> None:
    owner = signed_in(server.url)
    person, _ = join(owner)
    key = person.request("POST", "/v1/api-keys", json={"name": "terminal"}).json()["key"]
    known = []
    for language, zone in (("fr_FR.UTF-8", "Asia/Kathmandu"), ("de_DE.UTF-8", "Europe/Berlin")):
        own = {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": key, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-m", "pisovereign.cli.main", "chat", "what", "time", "is", "it"],
            env=clean_environment(own | {"LANG": language}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        known.append(person.request("GET", "/v1/profile").json())
    # What is known already stays, whatever another terminal says.
    assert [(each["language"], each["time_zone"]) for each in known] == [
        ("fr", "Asia/Kathmandu")
    ] * 2
