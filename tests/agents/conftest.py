"""The program with a weather service and a calendar of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme

from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale
from tests.support.api_server import running_api
from tests.support.open_meteo import OpenMeteoServer
from tests.support.server import ALICE, Server

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    running = Radicale(tmp_path_factory.mktemp("agents-radicale"), trustme.CA()).start()
    running.make_calendar("work", "Work")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def meeting(radicale: Radicale) -> str:
    """An event of tomorrow, also once it is past midnight; returns its title."""
    day = dt.datetime.now(BERLIN).date() + dt.timedelta(1)
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:tomorrow
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:{day:%Y%m%d}T143000
DTEND;TZID=Europe/Berlin:{day:%Y%m%d}T150000
RRULE:FREQ=DAILY;COUNT=2
SUMMARY:Quarterly review
END:VEVENT
END:VCALENDAR
"""
    radicale.add("work", "tomorrow", text.replace("\n", "\r\n"))
    return "Quarterly review"


@pytest.fixture(scope="session")
def meteo() -> Iterator[OpenMeteoServer]:
    with OpenMeteoServer() as running:
        yield running


def sources(radicale: Radicale, meteo: OpenMeteoServer) -> dict[str, str]:
    """Settings that name both."""
    return {
        "PISOVEREIGN_SERVER__TIME_ZONE": "Europe/Berlin",
        "PISOVEREIGN_WEATHER__LOCATION": "Berlin",
        "PISOVEREIGN_WEATHER__BASE_URL": meteo.url,
        "PISOVEREIGN_WEATHER__GEOCODING_URL": meteo.url,
        "PISOVEREIGN_WEATHER__TIMEOUT_S": "30",
        "PISOVEREIGN_CALDAV__URL": radicale.url,
        "PISOVEREIGN_CALDAV__USERNAME": NAME,
        "PISOVEREIGN_CALDAV__PASSWORD": PASSWORD,
        "PISOVEREIGN_CALDAV__USERS": f'["{ALICE}"]',
        "PISOVEREIGN_CALDAV__CA_FILE": str(radicale.ca_file),
    }


@pytest.fixture(scope="session")
def api(
    server: Server, models_dir: Path, radicale: Radicale, meteo: OpenMeteoServer, meeting: str
) -> Iterator[Server]:
    """A program of these tests' own: whoever shares its database works at its tasks."""
    settings = {"PISOVEREIGN_MEMORY__LEARN": "false", **sources(radicale, meteo)}
    with running_api(server, models_dir, **settings) as running:
        yield running
