"""Schedules that people make while the program runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.memory.test_at_rest import superuser
from tests.reminders.support import last_event, told
from tests.support.server import BOB_KEY, Server, wait_until

PATH = "/v1/agentic/schedules"
BRIEFING = {"description": "Show my reminders", "cron": "0 7 * * 1-5", "time_zone": "Europe/Berlin"}


@pytest.fixture(autouse=True)
def _no_schedules(server: Server) -> Iterator[None]:
    yield
    for one in server.request("GET", PATH).json():
        server.request("DELETE", f"{PATH}/{one['id']}")


def make(server: Server, **other: Any) -> dict[str, Any]:
    answer = server.request("POST", PATH, json=BRIEFING | other)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_one_is_made_changed_and_deleted(server: Server) -> None:
    made = make(server)
    assert (made["source"], made["enabled"]) == ("stored", True)
    assert made["next_at"].endswith((":00:00Z",))
    assert server.request("GET", PATH).json() == [made]
    path = f"{PATH}/{made['id']}"
    off = server.request("PATCH", path, json={"enabled": False}).json()
    assert (off["enabled"], off["next_at"]) == (False, None)
    other = server.request("PATCH", path, json={"description": "Check my mail"}).json()
    assert (other["description"], other["cron"]) == ("Check my mail", made["cron"])
    for method, rest, body in (("PATCH", "", {"enabled": True}), ("DELETE", "", None)):
        foreign = server.request(method, f"{path}{rest}", key=BOB_KEY, json=body)
        assert foreign.status_code == 404
    assert server.request("DELETE", path).status_code == 204
    assert server.request("GET", PATH).json() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cron", "0 7 * *"),
        ("cron", "* * * * * *"),
        ("cron", "0 25 * * *"),
        ("time_zone", "Mars/Olympus"),
        ("description", " "),
        ("deliver", ["events", "events"]),
        ("deliver", ["whatsapp"]),
        ("deliver", ["events", "mail"]),
    ],
)
def test_what_is_wrong_is_named(server: Server, field: str, value: Any) -> None:
    answer = server.request("POST", PATH, json=BRIEFING | {field: value})
    assert answer.status_code == 422
    assert [row["field"] for row in answer.json()["error"]["details"]["fields"]] == [field]


def test_what_it_asks_for_is_sealed(server: Server) -> None:
    make(server, description="Tell me about the surprise party")
    with superuser(server) as connection:
        rows = connection.execute("SELECT t::text FROM stored_schedules t").fetchall()
    assert rows
    assert not any("surprise" in row[0] or b"surprise".hex() in row[0] for row in rows)


def test_it_begins_when_its_time_comes(server: Server) -> None:
    start = last_event(server)
    made = make(server)
    # As if its time had been missed a minute ago.
    changed = server.request("PATCH", f"{PATH}/{made['id']}", json={"cron": "* * * * *"}).json()
    assert changed["cron"] == "* * * * *"

    def has_begun() -> bool:
        with superuser(server) as connection:
            connection.execute(
                "UPDATE agent_schedules SET seen_to = seen_to - interval '2 minutes'"
                " WHERE seen_to > clock_timestamp() - interval '1 minute'"
            )
        server.request("PATCH", f"{PATH}/{made['id']}", json={"enabled": True})  # looks again
        done = [e.data for e in told(server, after=start) if e.kind == "task_finished"]
        return any(data["scheduled_by"] == made["name"] for data in done)

    wait_until(has_begun, 60, "a task of the schedule")
    tasks = server.request("GET", "/v1/agentic/tasks").json()
    assert any(task.get("scheduled_by") == made["name"] for task in tasks)


def test_it_can_be_run_now(server: Server) -> None:
    made = make(server)
    begun = server.request("POST", f"{PATH}/{made['id']}/run")
    assert begun.status_code == 201, begun.text
    task = server.request("GET", begun.headers["Location"]).json()
    assert task["description"] == made["description"]
