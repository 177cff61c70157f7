"""The address that calendar programs read from, as such programs do."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Any

import icalendar
import psycopg
import pytest
import recurring_ical_events
import requests

from pisovereign.own_calendar.feed_address import FEED, FeedAddress, feed_path
from tests.accounts.support import join, signed_in
from tests.support.server import ALICE_KEY, BOB_KEY, Server

PATH = "/v1/calendar/feed"
START = dt.datetime(2097, 5, 7, 9, 0, tzinfo=dt.UTC)
SECRET = "Zt0mX2lHq9cV7kS3pR8wYdB1nF6gJ4aT5eU0iO2oQhM"


@pytest.fixture(autouse=True)
def _empty(server: Server) -> Iterator[None]:
    yield
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute("DELETE FROM calendar_objects")
        connection.execute("DELETE FROM calendar_feeds")


def make(server: Server, key: str = ALICE_KEY) -> str:
    reply = server.request("POST", PATH, key=key)
    assert reply.status_code == 201, reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    return str(server.url + reply.json()["path"])


def create(server: Server, title: str, key: str = ALICE_KEY) -> str:
    body = {
        "title": title,
        "start": START.isoformat(),
        "end": (START + dt.timedelta(hours=1)).isoformat(),
    }
    reply = server.request("POST", "/v1/calendar/events", key=key, json=body)
    assert reply.json()["status"] == "completed", reply.text
    return str(reply.json()["event"]["id"])


def read(url: str, **headers: str) -> requests.Response:
    """As a calendar program does: without a key."""
    return requests.get(url, headers=headers, timeout=60)


def titles(reply: requests.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    whole = icalendar.Calendar.from_ical(reply.content)
    found = recurring_ical_events.of(whole).between(START, START + dt.timedelta(days=1))
    return sorted(str(each["SUMMARY"]) for each in found)


def test_a_calendar_program_reads_what_is_there(server: Server) -> None:
    create(server, "Dentist")
    create(server, "Somebody else's", key=BOB_KEY)
    url = make(server)
    assert url.endswith(".ics")
    first = read(url)
    assert first.headers["Content-Type"].startswith("text/calendar")
    assert titles(first) == ["Dentist"]
    same = read(url, **{"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    create(server, "Theater")
    after = read(url, **{"If-None-Match": first.headers["ETag"]})
    assert titles(after) == ["Dentist", "Theater"]
    assert requests.head(url, timeout=60).status_code == 200
    for method in ("PUT", "POST", "DELETE", "PROPFIND"):
        assert requests.request(method, url, timeout=60).status_code in (400, 405), method


def test_it_counts_against_the_limit_of_an_address(server: Server) -> None:
    assert "X-RateLimit-Remaining" in read(make(server)).headers


def test_it_is_shown_once_and_can_be_made_anew_and_removed(server: Server) -> None:
    assert server.request("GET", PATH).json() == {"made_at": None}
    earlier = make(server)
    assert set(server.request("GET", PATH).json()) == {"made_at"}
    url = make(server)
    assert url != earlier
    assert (read(earlier).status_code, read(url).status_code) == (404, 200)
    assert server.request("DELETE", PATH, key=BOB_KEY).status_code == 404
    assert server.request("DELETE", PATH).status_code == 204
    assert read(url).status_code == 404
    assert server.request("DELETE", PATH).status_code == 404


def test_what_is_unknown_answers_alike_and_tells_nothing(server: Server) -> None:
    make(server)
    answers = [
        read(f"{server.url}{path}")
        for path in (feed_path(SECRET), "/calendar-feed/x", FEED, f"/Calendar-Feed/{SECRET}.ics")
    ]
    assert {reply.status_code for reply in answers} == {404}
    assert len({reply.json()["error"]["message"] for reply in answers}) == 1


def test_nothing_that_is_kept_holds_the_address(server: Server) -> None:
    url = make(server)
    secret = url.rpartition("/")[2].removesuffix(".ics")
    assert read(url).status_code == 200
    assert read(url.replace("calendar-feed", "calendar-feed/x")).status_code == 404
    assert secret not in server.log_path.read_text("utf-8")
    with psycopg.connect(server.owner_dsn()) as connection:
        rows = connection.execute("SELECT secret FROM calendar_feeds").fetchall()
    assert rows
    assert all(secret.encode() not in bytes(row[0]) for row in rows)


def test_who_is_locked_out_has_no_address_and_a_program_makes_none(server: Server) -> None:
    owner = signed_in(server.url)
    browser, person = join(owner)
    try:
        key = browser.request("POST", "/v1/api-keys", json={"name": "Script"}).json()["key"]
        assert server.request("POST", PATH, key=key).status_code == 403
        url = server.url + browser.request("POST", PATH).json()["path"]
        assert read(url).status_code == 200
        owner.request("PATCH", f"/v1/people/{person}", json={"state": "disabled"})
        assert read(url).status_code == 404
    finally:
        owner.request("DELETE", f"/v1/people/{person}?confirm=erase")
    with psycopg.connect(server.owner_dsn()) as connection:
        left = connection.execute(
            "SELECT count(*) FROM calendar_feeds WHERE user_id = %s", (person,)
        ).fetchone()
    assert left == (0,)


@pytest.mark.parametrize(
    "path",
    [
        feed_path(SECRET),
        f"//calendar-feed/{SECRET}.ics",
        f"/CALENDAR-FEED/{SECRET}",
        f"/calendar-feed/x/{SECRET}.ics",
    ],
)
def test_what_writes_paths_down_sees_no_secret(path: str) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    given: Any = {"type": "http", "path": path, "raw_path": path.encode(), "headers": []}
    asyncio.run(FeedAddress(app)(given, None, None))  # type: ignore[arg-type]
    assert (seen[0]["path"], seen[0]["raw_path"]) == (FEED, FEED.encode())
