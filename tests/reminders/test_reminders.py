"""The reminder routes through the running program."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pisovereign.reminders.types import FURTHEST, remind_at_rule
from tests.memory.test_at_rest import superuser
from tests.reminders.support import at, remind, told
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until

HOUR = dt.timedelta(hours=1)


def act(server: Server, reminder: str, action: str, *, key: str = ALICE_KEY, **body: Any) -> Any:
    return server.request("POST", f"/v1/reminders/{reminder}/{action}", key=key, json=body)


def listed(server: Server, query: str = "", *, key: str = ALICE_KEY) -> list[str]:
    reply = server.request("GET", f"/v1/reminders{query}", key=key)
    assert reply.status_code == 200, reply.text
    return [row["title"] for row in reply.json()]


def test_a_reminder_is_stored_in_utc(server: Server) -> None:
    body = {"title": "Tea ☕", "remind_at": "2099-06-01T09:30:00+02:00"}
    made = server.request("POST", "/v1/reminders", json=body)
    assert made.status_code == 201
    reminder = made.json()
    assert reminder["title"] == "Tea ☕"
    assert reminder["remind_at"] == "2099-06-01T07:30:00Z"
    assert (reminder["status"], reminder["due_at"]) == ("scheduled", None)
    assert (reminder["snoozes"], reminder["snoozes_left"]) == (0, 5)
    shown = server.request("GET", made.headers["Location"])
    assert shown.json() == reminder


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("title", "", "cannot be empty"),
        ("title", " ", "cannot be empty"),
        ("title", "x" * 501, "must be at most 500 characters"),
        ("title", "a\0b", "cannot contain NUL characters"),
        ("remind_at", "2099-06-01T09:30:00", "must be a time with its offset"),
        ("remind_at", "tomorrow", "must be a time with its offset"),
        ("remind_at", 4_000_000_000, "must be a time with its offset"),
        ("remind_at", "2001-01-01T00:00:00Z", "must be in the future"),
        ("remind_at", "0001-01-01T00:00:00+14:00", "must be in the future"),
        ("remind_at", "9999-12-31T23:59:59-14:00", "must be within the next 100 years"),
    ],
)
def test_each_rule_is_kept(server: Server, field: str, value: Any, error: str) -> None:
    body = {"title": "Tea", "remind_at": at(HOUR), field: value}
    reply = server.request("POST", "/v1/reminders", json=body)
    assert reply.status_code == 422
    (named,) = reply.json()["error"]["details"]["fields"]
    assert named["field"] == field
    assert named["error"].startswith(error)


def test_the_rule_leaves_time_for_the_request() -> None:
    now = dt.datetime.now(dt.UTC)
    assert remind_at_rule(now - dt.timedelta(seconds=30)) is None
    assert remind_at_rule(now + FURTHEST) is None


def test_the_list_is_in_order_of_time_and_by_status(server: Server) -> None:
    for row in server.request("GET", "/v1/reminders?limit=500", key=BOB_KEY).json():
        server.request("DELETE", f"/v1/reminders/{row['id']}", key=BOB_KEY)
    for title, hours in (("third", 3), ("first", 1), ("second", 2)):
        remind(server, title, hours * HOUR, key=BOB_KEY)
    done = remind(server, "done", 4 * HOUR, key=BOB_KEY)
    act(server, done["id"], "done", key=BOB_KEY)
    assert listed(server, key=BOB_KEY) == ["first", "second", "third", "done"]
    assert listed(server, "?status=open", key=BOB_KEY) == ["first", "second", "third"]
    assert listed(server, "?status=done", key=BOB_KEY) == ["done"]
    assert listed(server, "?limit=1&offset=1", key=BOB_KEY) == ["second"]
    reply = server.request("GET", "/v1/reminders?status=scheduled&limit=1", key=BOB_KEY)
    assert reply.headers["X-Total-Count"] == "3"
    assert server.request("GET", "/v1/reminders?status=late").status_code == 422
    assert server.request("GET", "/v1/reminders?limit=x").status_code == 400


def test_a_reminder_that_is_due_is_told_once(server: Server) -> None:
    made = remind(server, "Stand up", dt.timedelta(seconds=1))
    wait_for_due(server, made["id"])
    (event,) = events_about(server, made["id"])
    assert event["title"] == "Stand up"
    assert event["status"] == "due"
    assert event["due_at"] >= made["remind_at"]
    shown = server.request("GET", f"/v1/reminders/{made['id']}").json()
    # A browser that wants messages may have been told meanwhile.
    assert shown | {"deliveries": []} == event | {"deliveries": []}


def wait_for_due(server: Server, reminder: str, times: int = 1) -> None:
    wait_until(
        lambda: len(due_events(server, reminder)) >= times, PATIENCE_S, "the reminder's event"
    )


def due_events(server: Server, reminder: str) -> list[Any]:
    return [event for event in events_about(server, reminder) if "snoozes" in event]


def events_about(server: Server, reminder: str, *, key: str = ALICE_KEY) -> list[Any]:
    return [event.data for event in told(server, key=key) if event.data.get("id") == reminder]


def test_putting_off_counts_from_now_or_from_its_time(server: Server) -> None:
    due = remind(server, "Now", dt.timedelta(0))
    wait_for_due(server, due["id"])
    before = dt.datetime.now(dt.UTC)
    later = act(server, due["id"], "snooze").json()
    assert later["status"] == "scheduled"
    assert (later["snoozes"], later["snoozes_left"]) == (1, 4)
    moved = dt.datetime.fromisoformat(later["remind_at"]) - before
    assert dt.timedelta(minutes=15) <= moved + dt.timedelta(seconds=1)
    planned = remind(server, "Later", HOUR)
    later = act(server, planned["id"], "snooze", minutes=10).json()
    difference = dt.datetime.fromisoformat(later["remind_at"]) - dt.datetime.fromisoformat(
        planned["remind_at"]
    )
    assert difference == dt.timedelta(minutes=10)


def test_a_reminder_that_was_put_off_is_told_again(server: Server) -> None:
    made = remind(server, "Again", dt.timedelta(0))
    wait_for_due(server, made["id"])
    act(server, made["id"], "snooze", minutes=1)
    with superuser(server) as connection:
        connection.execute("UPDATE reminders SET remind_at = now() WHERE id = %s", (made["id"],))
    remind(server, "This makes the program look", dt.timedelta(0))
    wait_for_due(server, made["id"], times=2)
    assert [event["snoozes"] for event in due_events(server, made["id"])] == [0, 1]


def test_putting_off_ends_at_the_limit_also_for_requests_at_once(server: Server) -> None:
    made = remind(server, "Not yet", HOUR)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: act(server, made["id"], "snooze"), range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [409] * 3
    refused = next(reply for reply in replies if reply.status_code == 409)
    assert refused.json()["error"]["message"] == "The reminder was put off 5 times already"
    shown = server.request("GET", f"/v1/reminders/{made['id']}").json()
    assert (shown["snoozes"], shown["snoozes_left"]) == (5, 0)


@pytest.mark.parametrize("minutes", [0, 10_081, 1.5, "15"])
def test_minutes_are_checked(server: Server, minutes: Any) -> None:
    made = remind(server, "Not yet", HOUR)
    assert act(server, made["id"], "snooze", minutes=minutes).status_code == 422


def test_what_is_done_stays_done(server: Server) -> None:
    made = remind(server, "Done", HOUR)
    first = act(server, made["id"], "done")
    assert first.status_code == 200
    assert first.json()["status"] == "done"
    assert act(server, made["id"], "done").json() == first.json()
    refused = act(server, made["id"], "snooze")
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "The reminder is done"


def test_deleting_takes_the_events_with_it(server: Server) -> None:
    made = remind(server, "Gone", dt.timedelta(0))
    wait_for_due(server, made["id"])
    path = f"/v1/reminders/{made['id']}"
    assert server.request("DELETE", path).status_code == 204
    assert server.request("DELETE", path).status_code == 404
    assert events_about(server, made["id"]) == [{"id": made["id"], "status": "deleted"}]


@pytest.mark.parametrize("name", ["unknown", "somebody else's", "malformed"])
def test_what_is_not_ones_own_does_not_exist(server: Server, name: str) -> None:
    made = remind(server, "Private", HOUR)
    identifier = {"unknown": str(uuid.uuid4()), "malformed": "x"}.get(name, made["id"])
    path = f"/v1/reminders/{identifier}"
    calls = [
        server.request("GET", path, key=BOB_KEY),
        server.request("DELETE", path, key=BOB_KEY),
        act(server, identifier, "snooze", key=BOB_KEY),
        act(server, identifier, "done", key=BOB_KEY),
    ]
    assert [call.status_code for call in calls] == [404] * 4
    assert {call.json()["error"]["message"] for call in calls} == {"No such reminder"}
    shown = server.request("GET", f"/v1/reminders/{made['id']}").json()
    assert (shown["status"], shown["snoozes"]) == ("scheduled", 0)


def test_titles_and_events_are_sealed_and_bound_to_their_row(server: Server) -> None:
    secret = f"Zanzibar {uuid.uuid4().hex}"
    made = remind(server, secret, dt.timedelta(0))
    other = remind(server, "Other", HOUR)
    wait_for_due(server, made["id"])
    with superuser(server) as connection:
        for table in ("reminders", "events"):
            rows = connection.execute(f"SELECT * FROM {table}".encode()).fetchall()
            assert secret.encode() not in b"".join(
                bytes(value) for row in rows for value in row if isinstance(value, bytes)
            )
            assert secret not in repr(rows)
        connection.execute(
            "UPDATE reminders SET title = (SELECT title FROM reminders WHERE id = %s)"
            " WHERE id = %s",
            (made["id"], other["id"]),
        )
    by_id = {row["id"]: row for row in server.request("GET", "/v1/reminders?limit=500").json()}
    assert by_id[other["id"]]["title"] == ""
    assert "stored text" in by_id[other["id"]]["error"]
    assert by_id[made["id"]]["title"] == secret
    assert server.request("DELETE", f"/v1/reminders/{other['id']}").status_code == 204
