"""The calendar through the running program: commands, briefing and health."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.integrations.calendar.radicale import NAME, PASSWORD, Radicale
from tests.integrations.calendar.test_occurrences import event
from tests.support.api_process import ApiProcess
from tests.support.server import ALICE, BOB_KEY, Server, free_port

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def calendar(radicale: Radicale) -> str:
    """A calendar with an event of today, and one of tomorrow."""
    radicale.make_calendar("program", "Das Programm")
    today = dt.datetime.now(TOKYO).date()
    for number, day in enumerate((today, today + dt.timedelta(1))):
        start = dt.datetime.combine(day, dt.time(9, 30))
        text = event(f"DTSTART;TZID=Tokyo Standard Time:{start:%Y%m%dT%H%M%S}", "DURATION:PT1H")
        text = text.replace("UID:x", f"UID:{number}").replace("SUMMARY:x", f"SUMMARY:Tag {number}")
        radicale.add("program", str(number), text)
    return "Das Programm"


@pytest.fixture(scope="module")
def api(
    server: Server, radicale: Radicale, calendar: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiProcess]:
    """The program, with the password as systemd hands it over."""
    credentials = tmp_path_factory.mktemp("credentials")
    (credentials / "caldav_password").write_text(PASSWORD + "\n", encoding="utf-8")
    with ApiProcess(
        server,
        CREDENTIALS_DIRECTORY=str(credentials),
        PISOVEREIGN_SERVER__TIME_ZONE="Asia/Tokyo",
        PISOVEREIGN_TELEMETRY__LOG_LEVEL="debug",
        **settings(radicale, calendar),
    ) as running:
        yield running


def settings(radicale: Radicale, calendar: str) -> dict[str, str]:
    return {
        "PISOVEREIGN_CALDAV__URL": radicale.url,
        "PISOVEREIGN_CALDAV__USERNAME": NAME,
        "PISOVEREIGN_CALDAV__USERS": f'["{ALICE}"]',
        "PISOVEREIGN_CALDAV__CALENDARS": f'["{calendar}"]',
        "PISOVEREIGN_CALDAV__CA_FILE": str(radicale.ca_file),
    }


def command(api: ApiProcess, name: str, **args: object) -> requests.Response:
    return api.request("POST", "/v1/commands", json={"command": name, "args": args})


def test_the_command_lists_today_and_more_days(api: ApiProcess) -> None:
    answer = command(api, "calendar").json()
    assert answer["command"] == "ListCalendarEvents"
    (listed,) = answer["result"]["events"]
    assert (listed["time"], listed["title"]) == ("09:30", "Tag 0")
    assert listed["calendar"] == "Das Programm"
    both = command(api, "calendar", days=2).json()["result"]["events"]
    assert [e["title"] for e in both] == ["Tag 0", "Tag 1"]


def test_the_briefing_has_the_day(api: ApiProcess) -> None:
    result = command(api, "briefing").json()["result"]
    assert [(e["time"], e["title"]) for e in result["calendar"]] == [("09:30", "Tag 0")]
    assert result["sources"]["calendar"] == "ok"


def test_it_is_nobody_elses(api: ApiProcess) -> None:
    answer = api.request("POST", "/v1/commands", key=BOB_KEY, json={"command": "calendar"})
    assert answer.status_code == 503
    assert "caldav.users" in answer.json()["error"]["message"]


@pytest.mark.parametrize("spoken", [False, True])
def test_an_event_is_created_once_it_is_approved(
    api: ApiProcess, radicale: Radicale, *, spoken: bool
) -> None:
    tomorrow = dt.datetime.now(TOKYO).date() + dt.timedelta(1)
    title = f"tea ceremony {uuid.uuid4().hex[:8]}"
    if spoken:
        answer = api.chat(f"Create an event {title} tomorrow from 3pm to 5pm")
        asked = answer["command"]
        assert asked["arguments"]["title"] == title
    else:
        start = dt.datetime.combine(tomorrow, dt.time(15), TOKYO)
        end = start + dt.timedelta(hours=2)
        asked = command(
            api, "create_event", title=title, start=start.isoformat(), end=end.isoformat()
        ).json()
    assert asked["status"] == "pending_approval"
    day = f"{tomorrow:%A}, {tomorrow.day} {tomorrow:%B %Y}"
    assert asked["title"] == f"Create the event {title}: {day}, 15:00 to 17:00"
    assert title not in titles(api)
    approval = f"/v1/approvals/{asked['approval_id']}"
    shown = api.request("GET", approval).json()
    assert (shown["kind"], shown["title"]) == ("create_event", asked["title"])
    assert shown["details"]["title"] == title
    done = api.request("POST", f"{approval}/approve").json()
    assert done["status"] == "executed", done
    assert done["result"]["time"] == "15:00"
    assert titles(api).count(title) == 1
    assert api.request("POST", f"{approval}/approve").status_code == 409


def titles(api: ApiProcess) -> list[str]:
    return [e["title"] for e in command(api, "calendar", days=2).json()["result"]["events"]]


def test_an_event_that_cannot_be_is_refused_before_anybody_is_asked(api: ApiProcess) -> None:
    answer = command(
        api, "create_event", title="x", start="2030-01-01T10:00:00Z", end="2030-01-01T10:00:00Z"
    )
    assert answer.status_code == 422
    (field,) = answer.json()["error"]["details"]["fields"]
    assert field["field"] == "args.end"


def test_health(api: ApiProcess) -> None:
    services = requests.get(f"{api.url}/ready/all", timeout=30).json()["services"]
    assert services["calendar"]["healthy"] is True


def test_it_can_be_tried_out(api: ApiProcess) -> None:
    tried = api.request("POST", "/v1/integrations/test").json()
    (outcome,) = [o for o in tried["integrations"] if o["name"] == "calendar"]
    assert outcome["status"] == "works"
    assert outcome["detail"] == "reads Das Programm; new events go to Das Programm"


def test_neither_the_password_nor_an_event_is_logged(api: ApiProcess) -> None:
    assert command(api, "calendar", days=2).status_code == 200
    log = api.log_path.read_text(encoding="utf-8", errors="replace")
    assert "POST" in log
    assert PASSWORD not in log
    assert "Tag 0" not in log
    assert "VEVENT" not in log


def test_it_is_no_empty_day_when_the_server_is_away(server: Server, radicale: Radicale) -> None:
    away = settings(radicale, "x") | {
        "PISOVEREIGN_CALDAV__URL": f"https://localhost:{free_port()}/",
        "PISOVEREIGN_CALDAV__PASSWORD": PASSWORD,
    }
    with ApiProcess(server, **away) as running:
        answer = command(running, "calendar")
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "UPSTREAM_ERROR"
        assert PASSWORD not in answer.text
        result = command(running, "briefing").json()["result"]
        assert result["calendar"] is None
        assert result["sources"]["calendar"] not in ("ok", "not_configured")
        services = requests.get(f"{running.url}/ready/all", timeout=30).json()["services"]
        assert services["calendar"]["healthy"] is False


def test_a_password_file_that_is_not_there_refuses_the_start(
    tmp_path: Path, models_dir: Path, radicale: Radicale
) -> None:
    missing = tmp_path / "password"
    refused = Server(
        tmp_path / "data",
        models_dir,
        PISOVEREIGN_CALDAV__URL=radicale.url,
        PISOVEREIGN_CALDAV__PASSWORD_FILE=str(missing),
    ).refused_start()
    assert refused == (
        f"pisovereign: caldav.password_file: {missing} cannot be read: No such file or directory\n"
    )
