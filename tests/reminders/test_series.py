"""Alarms, timers and what repeats, through the running program."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from tests.memory.test_at_rest import superuser
from tests.reminders.support import at, told
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, Server, wait_until

HOUR = dt.timedelta(hours=1)


def create(server: Server, **fields: Any) -> Any:
    body = {"title": f"Ring {uuid.uuid4().hex}", "remind_at": at(HOUR), **fields}
    reply = server.request("POST", "/v1/reminders", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def of_series(server: Server, series: str) -> list[Any]:
    rows = server.request("GET", "/v1/reminders?limit=500").json()
    return [row for row in rows if row["series_id"] == series]


def let_it_be_due(server: Server, reminder: str, since: str = "1 second") -> None:
    """Move its time into the past, as a sleep of the machine does, and wait for its event."""
    with superuser(server) as connection:
        connection.execute(
            "UPDATE reminders SET remind_at = now() - %s::interval,"
            " repeats_from = repeats_from - (remind_at - now() + %s::interval) WHERE id = %s",
            (since, since, reminder),
        )
    create(server, remind_at=at(dt.timedelta(0)))  # makes the program look
    wait_until(
        lambda: any(e.data.get("id") == reminder for e in told(server)), PATIENCE_S, "its event"
    )


def test_kinds_and_their_sounds(server: Server) -> None:
    sounds = {kind: create(server, kind=kind)["sound"] for kind in ("reminder", "alarm", "timer")}
    assert sounds == {"reminder": False, "alarm": True, "timer": True}
    assert create(server, sound=True)["sound"] is True
    alarm = create(server, kind="alarm")
    shown = server.request("GET", "/v1/reminders?kind=alarm&limit=500").json()
    assert alarm["id"] in [row["id"] for row in shown]
    assert {row["kind"] for row in shown} == {"alarm"}


def test_a_timer_counts_down(server: Server) -> None:
    timer = create(server, kind="timer", remind_at=at(dt.timedelta(minutes=10)))
    assert 500 < timer["remaining_s"] <= 600
    assert create(server)["remaining_s"] is None
    path = f"/v1/reminders/{timer['id']}"
    assert server.request("POST", f"{path}/done", json={}).json()["remaining_s"] is None


def test_between_two_times(server: Server) -> None:
    made = create(server, remind_at="2098-05-01T10:00:00Z")
    inside = "?start=2098-05-01T10:00:00Z&end=2098-05-01T11:00:00Z"
    outside = "?start=2098-05-01T10:00:01Z&end=2098-05-01T11:00:00Z"
    found = [
        [row["id"] for row in server.request("GET", f"/v1/reminders{query}").json()]
        for query in (inside, outside)
    ]
    assert found == [[made["id"]], []]


def test_the_next_one_is_there_as_soon_as_one_is_due(server: Server) -> None:
    first = create(server, kind="alarm", repeat="daily")
    assert first["series_id"] == first["id"]
    let_it_be_due(server, first["id"], "3 days")
    due, following = of_series(server, first["id"])
    assert (due["status"], following["status"]) == ("due", "scheduled")
    assert (following["title"], following["kind"], following["sound"]) == (
        first["title"],
        "alarm",
        True,
    )
    # What was slept through comes once: the next one is still to come, within a day.
    ahead = dt.datetime.fromisoformat(following["remind_at"]) - dt.datetime.now(dt.UTC)
    # One on which the clocks are put back has an hour more.
    assert dt.timedelta(0) < ahead <= dt.timedelta(hours=25)
    # Snoozing the one that is due adds no other, and the next one ends it.
    later = server.request("POST", f"/v1/reminders/{due['id']}/snooze", json={})
    assert later.status_code == 200
    let_it_be_due(server, due["id"])
    assert len(of_series(server, first["id"])) == 2
    let_it_be_due(server, following["id"])
    statuses = [row["status"] for row in of_series(server, first["id"])]
    assert sorted(statuses) == ["done", "due", "scheduled"]


def test_deleting_the_next_one_ends_the_series(server: Server) -> None:
    first = create(server, repeat="weekly")
    let_it_be_due(server, first["id"])
    _, following = of_series(server, first["id"])
    assert server.request("DELETE", f"/v1/reminders/{following['id']}").status_code == 204
    server.request("POST", f"/v1/reminders/{first['id']}/snooze", json={})
    let_it_be_due(server, first["id"])
    assert [row["id"] for row in of_series(server, first["id"])] == [first["id"]]


def test_moving_one_that_is_due_tells_it_again(server: Server) -> None:
    made = create(server)
    let_it_be_due(server, made["id"])
    path = f"/v1/reminders/{made['id']}"
    moved = server.request("PATCH", path, json={"remind_at": at(2 * HOUR), "title": "Moved"})
    assert moved.status_code == 200
    assert (moved.json()["status"], moved.json()["title"]) == ("scheduled", "Moved")
    server.request("POST", f"{path}/done", json={})
    refused = server.request("PATCH", path, json={"title": "Too late"})
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "The reminder is done"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"title": " "}, "title"),
        ({"remind_at": "2001-01-01T00:00:00Z"}, "remind_at"),
        ({"repeat": "daily"}, "repeat"),
    ],
)
def test_each_rule_of_a_change_is_kept(server: Server, body: dict[str, Any], field: str) -> None:
    made = create(server)
    refused = server.request("PATCH", f"/v1/reminders/{made['id']}", json=body)
    assert refused.status_code == 422
    assert [f["field"] for f in refused.json()["error"]["details"]["fields"]] == [field]


def test_somebody_elses_is_not_changed(server: Server) -> None:
    path = f"/v1/reminders/{create(server)['id']}"
    assert server.request("PATCH", path, key=BOB_KEY, json={"title": "Mine"}).status_code == 404


@pytest.mark.parametrize("field", ["kind", "repeat"])
def test_unknown_kinds_are_named(server: Server, field: str) -> None:
    body = {"title": "x", "remind_at": at(HOUR), field: "hourly"}
    refused = server.request("POST", "/v1/reminders", json=body)
    assert refused.status_code == 422
    (named,) = refused.json()["error"]["details"]["fields"]
    assert (named["field"], named["error"][:14]) == (field, "must be one of")
