"""The calendar through the running program: commands, briefing and health."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from pisovereign.actions.calendar_routes import CalendarRoutes
from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale
from tests.connectors.ical.test_occurrences import event
from tests.docs.blocks import blocks, read
from tests.docs.test_api_page import shape
from tests.support.api_process import ApiProcess
from tests.support.days import lasting_day
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, BOB_KEY, Server, free_port

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def calendar(radicale: Radicale) -> str:
    """A calendar with an event of today, and of each of the next days."""
    radicale.make_calendar("program", "Das Programm")
    today = dt.datetime.now(TOKYO).date()
    for number in range(3):
        day = today + dt.timedelta(number)
        start = dt.datetime.combine(day, dt.time(9, 30))
        text = event(f"DTSTART;TZID=Tokyo Standard Time:{start:%Y%m%dT%H%M%S}", "DURATION:PT1H")
        text = text.replace("UID:x", f"UID:{number}").replace(
            "SUMMARY:x", f"SUMMARY:{title_of(day)}"
        )
        radicale.add("program", str(number), text)
    radicale.make_calendar("program-tasks", "Aufgaben", components=("VTODO",))
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


def title_of(day: dt.date) -> str:
    return f"Tag {day:%d}"


def command(api: ApiProcess, name: str, **args: object) -> requests.Response:
    return api.request("POST", "/v1/commands", json={"command": name, "args": args})


def test_the_command_lists_today_and_more_days(api: ApiProcess) -> None:
    today = lasting_day(TOKYO)
    answer = command(api, "calendar").json()
    assert answer["command"] == "ListCalendarEvents"
    (listed,) = answer["result"]["events"]
    assert (listed["time"], listed["title"]) == ("09:30", title_of(today))
    assert listed["calendar"] == "Das Programm"
    both = command(api, "calendar", days=2).json()["result"]["events"]
    assert [e["title"] for e in both] == [title_of(today), title_of(today + dt.timedelta(1))]


def test_the_briefing_has_the_day(api: ApiProcess) -> None:
    today = lasting_day(TOKYO)
    result = command(api, "briefing").json()["result"]
    assert [(e["time"], e["title"]) for e in result["calendar"]] == [("09:30", title_of(today))]
    assert result["sources"]["calendar"] == "ok"


def test_it_is_nobody_elses(api: ApiProcess) -> None:
    """Somebody else has the calendar that the program keeps, with nothing of this one in it."""
    days = {"command": "calendar", "args": {"days": 366}}
    answer = api.request("POST", "/v1/commands", key=BOB_KEY, json=days)
    assert answer.status_code == 200
    assert "Tag " not in answer.text
    assert "Tag " in api.request("POST", "/v1/commands", json=days).text


@pytest.mark.parametrize("spoken", [False, True])
def test_an_event_is_created_once_it_is_approved(
    api: ApiProcess, radicale: Radicale, *, spoken: bool
) -> None:
    tomorrow = lasting_day(TOKYO) + dt.timedelta(1)
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
    services = requests.get(f"{api.url}/ready/all", timeout=PATIENCE_S).json()["services"]
    assert services["calendar"]["healthy"] is True


def test_it_can_be_tried_out(api: ApiProcess) -> None:
    tried = api.request("POST", "/v1/integrations/test").json()
    (outcome,) = [o for o in tried["integrations"] if o["name"] == "calendar"]
    assert outcome["status"] == "works"
    assert outcome["detail"] == "reads Das Programm; new events go to Das Programm"


@pytest.fixture
def meeting(api: ApiProcess, radicale: Radicale) -> Iterator[str]:
    """The id of an event far away, which may be changed."""
    text = event("DTSTART:20300310T010000Z", "DTEND:20300310T023000Z")
    radicale.add("program", "meeting", text.replace("SUMMARY:x", "SUMMARY:Meeting"))
    (listed,) = command(api, "calendar", start="2030-03-10T00:00:00Z").json()["result"]["events"]
    yield listed["id"]
    radicale.request("DELETE", f"{NAME}/program/meeting.ics")


def approve(api: ApiProcess, pending: dict[str, Any]) -> dict[str, Any]:
    assert pending["status"] == "pending_approval"
    answer = api.request("POST", f"/v1/approvals/{pending['approval_id']}/approve")
    approval: dict[str, Any] = answer.json()
    return approval


def meetings(api: ApiProcess, day: str) -> list[str]:
    events = command(api, "calendar", start=f"{day}T00:00:00Z").json()["result"]["events"]
    return [f"{e['time']} {e['title']}" for e in events]


def test_an_event_is_changed_as_it_was_approved(api: ApiProcess, meeting: str) -> None:
    body = {"start": "2030-03-31T05:00:00Z", "location": "Raum 1"}
    pending = api.request("PATCH", f"/v1/calendar/events/{meeting}", json=body).json()
    assert (pending["before"]["time"], pending["after"]["time"]) == ("10:00", "14:00")
    assert meetings(api, "2030-03-10") == ["10:00 Meeting"]
    shown = api.request("GET", f"/v1/approvals/{pending['approval_id']}").json()
    assert shown["title"] == (
        "In Das Programm, change Meeting (2030-03-10 10:00-11:30) "
        "to Meeting (2030-03-31 14:00-15:30, Raum 1)"
    )
    assert shown["details"]["after"] == pending["after"]
    done = approve(api, pending)
    assert (done["status"], done["result"]["event"]) == ("executed", pending["after"])
    assert meetings(api, "2030-03-10") == []
    assert meetings(api, "2030-03-31") == ["14:00 Meeting"]


def test_events_are_listed_and_asked_for(api: ApiProcess, meeting: str) -> None:
    path = "/v1/calendar/events"
    found = api.request("GET", f"{path}?start=2030-03-10T00:00:00Z&days=2").json()
    assert [event["id"] for event in found["events"]] == [meeting]
    body = {"title": "Lunch", "start": "2030-03-11T03:00:00Z", "end": "2030-03-11T04:00:00Z"}
    pending = api.request("POST", path, json=body).json()
    shown = {entry.name: entry.example for entry in CalendarRoutes.entries()}
    assert pending.keys() == shown["POST /v1/calendar/events"].pending.keys()
    assert found.keys() == shown["GET /v1/calendar/events"].response.keys()
    assert meetings(api, "2030-03-11") == []
    done = approve(api, pending)
    assert done["status"] == "executed"
    (made,) = api.request("GET", f"{path}?start=2030-03-11T00:00:00Z&days=1").json()["events"]
    assert (made["time"], made["title"]) == ("12:00", "Lunch")
    approve(api, api.request("DELETE", f"{path}/{made['id']}").json())


def test_an_event_is_deleted_once_that_is_approved(api: ApiProcess, meeting: str) -> None:
    pending = api.request("DELETE", f"/v1/calendar/events/{meeting}").json()
    assert pending["after"] is None
    assert meetings(api, "2030-03-10") == ["10:00 Meeting"]
    assert approve(api, pending)["status"] == "executed"
    assert meetings(api, "2030-03-10") == []


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    api: ApiProcess, radicale: Radicale, meeting: str
) -> None:
    body = {"title": "Mine"}
    pending = api.request("PATCH", f"/v1/calendar/events/{meeting}", json=body).json()
    text = radicale.object_text("program", "meeting").replace("Meeting", "Theirs")
    assert radicale.request("PUT", f"{NAME}/program/meeting.ics", data=text.encode()).ok
    failed = approve(api, pending)
    assert failed["status"] == "failed"
    assert failed["reason"] == "The entry was changed meanwhile; nothing was done"
    assert meetings(api, "2030-03-10") == ["10:00 Theirs"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"title": " "}, "title"),
        ({"start": "2030-03-10T10:00:00"}, "start"),
        ({"end": "2030-03-10T00:30:00Z"}, "event_id"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_cannot_be_changed_is_said(
    api: ApiProcess, meeting: str, body: dict[str, str], field: str
) -> None:
    answer = api.request("PATCH", f"/v1/calendar/events/{meeting}", json=body)
    assert answer.status_code == 422
    assert [f["field"] for f in answer.json()["error"]["details"]["fields"]] == [field]


def test_another_users_key_finds_nothing_to_change(api: ApiProcess, meeting: str) -> None:
    for method, body in (("PATCH", {"title": "x"}), ("DELETE", None)):
        path = f"/v1/calendar/events/{meeting}"
        assert api.request(method, path, key=BOB_KEY, json=body).status_code == 404
    unknown = api.request("DELETE", "/v1/calendar/events/L25vd2hlcmU")
    assert unknown.status_code == 404


def test_tasks_are_added_completed_and_named_in_words(
    api: ApiProcess, radicale: Radicale, calendar: str
) -> None:
    """What is said of the to-do list is about the server's tasks, since it keeps some."""
    title = f"call plumber {uuid.uuid4().hex[:8]}"
    asked = api.chat(f"add {title} to my to-do list")["command"]
    assert (asked["type"], asked["status"]) == ("AddTask", "pending_approval")
    assert approve(api, asked)["status"] == "executed"
    (task,) = [t for t in api.request("GET", "/v1/tasks").json()["tasks"] if t["title"] == title]
    assert (task["due"], task["done"], task["list"]) == (None, False, "Aufgaben")
    day = dt.datetime.combine(lasting_day(TOKYO), dt.time(), TOKYO)
    body = {"due": day.isoformat(), "whole_day": True}
    changed = api.request("PATCH", f"/v1/tasks/{task['id']}", json=body).json()
    assert changed["after"]["whole_day"]
    assert approve(api, changed)["status"] == "executed"
    shown = api.chat("What is due today?")
    assert title in shown["content"]
    done = api.chat(f"mark {title} as done")["command"]
    assert (done["type"], done["status"]) == ("CompleteTask", "pending_approval")
    assert approve(api, done)["status"] == "executed"
    assert title not in [t["title"] for t in api.request("GET", "/v1/tasks").json()["tasks"]]
    assert title not in api.request("GET", "/v1/tasks?done=true", key=BOB_KEY).text


def test_the_examples_of_the_documentation(api: ApiProcess, meeting: str) -> None:
    section = read("docs/api.md").split("### PATCH /v1/calendar/events/{id}")[1]
    shown = (json.loads(b.text) for b in blocks(section) if b.language == "json")
    request, _, pending, *_ = shown
    answer = api.request("PATCH", f"/v1/calendar/events/{meeting}", json=request)
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(pending)


def test_without_a_calendar_no_event_of_a_server_is_found(server: Server) -> None:
    assert server.request("DELETE", "/v1/calendar/events/x").status_code == 404


def test_neither_the_password_nor_an_event_is_logged(api: ApiProcess) -> None:
    assert command(api, "calendar", days=2).status_code == 200
    log = api.log_path.read_text(encoding="utf-8", errors="replace")
    assert "POST" in log
    assert PASSWORD not in log
    assert "Tag " not in log
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
        services = requests.get(f"{running.url}/ready/all", timeout=PATIENCE_S).json()["services"]
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
