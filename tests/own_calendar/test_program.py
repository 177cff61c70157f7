"""Events and tasks of somebody who has connected no calendar, through the running program."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import icalendar
import psycopg
import pytest

from tests.support.server import ALICE_KEY, BOB_KEY, Server

EVENTS, TASKS = "/v1/calendar/events", "/v1/tasks"
START = dt.datetime(2098, 3, 10, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _empty(server: Server) -> Iterator[None]:
    yield
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute("DELETE FROM calendar_objects")


def new(title: str, start: dt.datetime = START, hours: float = 1.0, **more: Any) -> dict[str, Any]:
    end = start + dt.timedelta(hours=hours)
    return {"title": title, "start": start.isoformat(), "end": end.isoformat(), **more}


def create(server: Server, title: str, *, key: str = ALICE_KEY, **more: Any) -> Any:
    reply = server.request("POST", EVENTS, key=key, json=new(title, **more))
    assert reply.status_code == 200, reply.text
    done = reply.json()
    assert done["status"] == "completed", done
    return done["event"]


def events(server: Server, start: dt.datetime = START, days: int = 1, key: str = ALICE_KEY) -> Any:
    query = {"start": start.isoformat(), "days": str(days)}
    reply = server.request("GET", EVENTS, key=key, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()["events"]


def say(server: Server, message: str, conversation: str | None = None) -> Any:
    body = {"message": message, "conversation_id": conversation or f"own-{uuid.uuid4().hex}"}
    reply = server.request("POST", "/v1/chat", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_an_event_is_made_changed_and_deleted_at_once(server: Server) -> None:
    made = create(server, "Dentist", location="Mill Lane 3")
    assert (made["title"], made["location"], made["calendar"]) == (
        "Dentist",
        "Mill Lane 3",
        "PiSovereign",
    )
    assert events(server) == [made]
    patch = {"start": (START + dt.timedelta(days=1)).isoformat(), "location": ""}
    changed = server.request("PATCH", f"{EVENTS}/{made['id']}", json=patch).json()["event"]
    assert (changed["id"], changed["location"]) == (made["id"], None)
    assert changed["end"] == "2098-03-11T10:00:00Z", "it stays as long"
    assert events(server) == []
    assert events(server, START + dt.timedelta(days=1)) == [changed]
    gone = server.request("DELETE", f"{EVENTS}/{made['id']}").json()
    assert gone == {"event": None, "status": "completed"}
    assert server.request("DELETE", f"{EVENTS}/{made['id']}").status_code == 404


def test_an_event_is_its_owners_alone(server: Server) -> None:
    made = create(server, "Dentist")
    assert events(server, key=BOB_KEY) == []
    for method, body in (("PATCH", {"title": "Mine"}), ("DELETE", None)):
        path = f"{EVENTS}/{made['id']}"
        assert server.request(method, path, key=BOB_KEY, json=body).status_code == 404
    assert events(server) == [made]


def test_an_event_that_cannot_be_is_refused(server: Server) -> None:
    backwards = new("Dentist", hours=-1)
    reply = server.request("POST", EVENTS, json=backwards)
    assert reply.status_code == 422
    assert reply.json()["error"]["details"]["fields"][0]["field"] == "end"


def test_times_that_no_calendar_has_are_refused(server: Server) -> None:
    path = f"{EVENTS}/{create(server, 'Dentist')['id']}"
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z"):
        for reply in (
            server.request("GET", EVENTS, params={"start": moment}),
            server.request("PATCH", path, json={"start": moment}),
        ):
            assert reply.status_code == 422, reply.text
            assert reply.json()["error"]["details"]["fields"][0]["field"] == "start"


def test_its_text_is_sealed(server: Server) -> None:
    create(server, "Kestrel watching", location="Falconry")
    with psycopg.connect(server.owner_dsn()) as connection:
        rows = connection.execute("SELECT calendar_objects::text FROM calendar_objects").fetchall()
    stored = "".join(row[0] for row in rows)
    assert rows
    assert not any(bytes(word, "ascii").hex() in stored for word in ("Kestrel", "Falconry"))


def test_of_changes_at_the_same_time_each_is_of_the_version_before_it(server: Server) -> None:
    made = create(server, "Dentist")
    path = f"{EVENTS}/{made['id']}"

    def rename(number: int) -> int:
        return server.request("PATCH", path, json={"title": f"Dentist {number}"}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(rename, range(4)))
    assert set(statuses) <= {200, 409}
    assert 200 in statuses
    (one,) = events(server)
    assert one["title"].startswith("Dentist ")


def test_a_task_is_added_completed_and_reopened_at_once(server: Server) -> None:
    body = {"title": "Tax return", "due": "2098-05-31T22:00:00Z", "whole_day": True}
    done = server.request("POST", TASKS, json=body).json()
    assert done["status"] == "completed"
    task = done["task"]
    midnight = "2098-05-31T00:00:00Z"  # which begins the day
    assert task == body | {
        "due": midnight,
        "done": False,
        "list": "PiSovereign",
        "id": task["id"],
    }
    assert server.request("GET", TASKS).json()["tasks"] == [task]
    assert server.request("GET", TASKS, key=BOB_KEY).json()["tasks"] == []
    path = f"{TASKS}/{task['id']}"
    assert server.request("PATCH", path, key=BOB_KEY, json={"done": True}).status_code == 404
    completed = server.request("PATCH", path, json={"done": True}).json()["task"]
    assert completed == task | {"done": True}
    assert server.request("GET", TASKS).json()["tasks"] == []
    shown = server.request("GET", f"{TASKS}?done=true").json()
    assert shown.get("tasks") == [completed], shown
    assert server.request("PATCH", path, json={"done": False}).json()["task"] == task


def test_all_of_it_is_one_file_for_other_programs(server: Server) -> None:
    create(server, "Dentist", location="Mill Lane 3")
    create(server, "Theater", start=START + dt.timedelta(days=4000))
    create(server, "Somebody else's", key=BOB_KEY)
    server.request("POST", TASKS, json={"title": "Sweep the chimney"})
    reply = server.request("GET", "/v1/calendar/export")
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"].startswith("text/calendar")
    whole = icalendar.Calendar.from_ical(reply.content)
    found = {str(item["SUMMARY"]) for item in whole.walk() if item.name in ("VEVENT", "VTODO")}
    assert found == {"Dentist", "Theater", "Sweep the chimney"}
    (dentist,) = [item for item in whole.walk("VEVENT") if item["SUMMARY"] == "Dentist"]
    assert dentist.decoded("DTSTART") == START


def test_it_is_made_moved_and_deleted_in_words(server: Server) -> None:
    conversation = f"own-{uuid.uuid4().hex}"
    made = say(server, "Add dentist to my calendar on Tuesday at 10:00", conversation)
    assert made["command"]["status"] == "completed", made
    assert made["content"].startswith("In your calendar: "), made
    assert "Tuesday" in made["content"]
    begins = dt.datetime.fromisoformat(made["command"]["result"]["start"])
    asked = say(server, "What is on my calendar on Tuesday?", conversation)
    assert "entist" in asked["content"]
    moved = say(server, "Move the dentist to Tuesday at 11:00", conversation)
    assert moved["command"]["status"] == "completed", moved
    (event,) = events(server, begins)
    assert dt.datetime.fromisoformat(event["start"]) == begins + dt.timedelta(hours=1)
    undone = say(server, "Undo that", conversation)
    assert undone["command"]["status"] == "completed", undone
    assert [each["start"] for each in events(server, begins)] == [
        made["command"]["result"]["start"]
    ]
    gone = say(server, "Delete the dentist appointment", conversation)
    assert gone["command"]["status"] == "completed", gone
    assert events(server, begins) == []
    again = say(server, "Undo that", conversation)
    assert again["command"]["status"] == "completed", again
    assert len(events(server, begins)) == 1


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (
            "Trag den Zahnarzt am Dienstag um 10 Uhr in den Kalender ein",
            "Was steht am Dienstag an?",
        ),
        ("Ajoute dentiste mardi à 10 h à mon agenda", "Qu'y a-t-il mardi dans mon agenda ?"),
    ],
)
def test_it_is_made_and_shown_in_every_language(server: Server, made: str, asked: str) -> None:
    done = say(server, made)
    assert done["command"]["status"] == "completed", done
    title = done["command"]["result"]["title"]
    assert title in say(server, asked)["content"]


def test_the_briefing_has_it(server: Server) -> None:
    now = dt.datetime.now(dt.UTC)
    create(server, "All day long", start=now, hours=36)
    body = {"title": "Late", "due": (now - dt.timedelta(days=2)).isoformat()}
    server.request("POST", TASKS, json=body)
    briefing = server.request("POST", "/v1/commands", json={"command": "briefing"}).json()
    result = briefing["result"]
    assert "All day long" in [each["title"] for each in result["calendar"]]
    assert {"title": "Late", "overdue": True} in result["tasks"]
    assert result["sources"]["calendar"] == "ok"
    assert "Mail" not in briefing["text"], "what is not set up is left out"


def test_to_dos_are_shown_together_wherever_they_are(server: Server) -> None:
    said = "Add kestrel feed to my to-do list"
    assert say(server, said)["command"]["status"] == "completed"
    try:
        server.request("POST", TASKS, json={"title": "Sweep the chimney"})
        shown = say(server, "What are my to-dos?")
        assert "kestrel feed" in shown["content"], shown
        assert "Sweep the chimney" in shown["content"], shown
        assert "kestrel feed" in server.request("GET", TASKS).json()["items"]
        soon = server.request("GET", f"{TASKS}?days=7").json()
        assert "items" not in soon, "a list knows no days"
    finally:
        for one in server.request("GET", "/v1/lists").json():
            if one["key"] == "todo" or one["name"] == "to-do":
                server.request("DELETE", f"/v1/lists/{one['id']}")
