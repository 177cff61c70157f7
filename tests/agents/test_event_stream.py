"""Watching tasks: several watchers, cut off and back again, on several processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.agents.support import TASKS, approvals_of, begin, decide, events_of, wait_for, watch
from tests.support.api_process import ApiProcess
from tests.support.server import ALICE, Server

ASKING = "Show my reminders, and remind me tomorrow at 6 to lock the door"


def test_two_watchers_see_the_same_also_when_one_is_cut_off(api: Server) -> None:
    task = begin(api, ASKING)
    with watch(api, task) as steady, watch(api, task) as other:
        first = [next(steady.events) for _ in range(3)]
        assert [next(other.events) for _ in range(3)] == first
    wait_for(api, task, "awaiting_approval")
    with watch(api, task) as steady, watch(api, task, after=3) as back:
        decide(api, approvals_of(api, task)[0]["id"])
        whole = list(steady.events)
        rest = list(back.events)
    assert whole[-1].kind == "task_completed"
    assert [*first, *rest] == whole == events_of(api, task)


def test_a_watcher_of_another_process_sees_it_too(api: Server) -> None:
    with ApiProcess(api) as second:
        task = begin(api, ASKING)
        with watch(second, task) as far, watch(api, task) as near:
            wait_for(api, task, "awaiting_approval")
            decide(second, approvals_of(api, task)[0]["id"])
            assert list(far.events) == list(near.events)


def test_a_stream_that_is_asked_for_after_the_end_ends_at_once(api: Server) -> None:
    task = begin(api, "Show my reminders")
    told = events_of(api, task)
    assert events_of(api, task, after=told[-1].id) == []
    assert events_of(api, task, after=10**9) == []


def test_a_users_own_stream_is_no_task(api: Server) -> None:
    wait_for(api, begin(api, ASKING), "awaiting_approval")  # which the user's stream tells of
    assert api.request("GET", f"{TASKS}/{ALICE}/stream").status_code == 404


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 16])
def test_a_number_that_is_none_is_refused(api: Server, value: str) -> None:
    task = begin(api, "Show my reminders")
    path = f"{TASKS}/{task}/stream"
    assert api.request("GET", path, headers={"Last-Event-ID": value}).status_code == 400


def test_twenty_tasks_at_once(api: Server) -> None:
    asked = [f"Show my calendar for tomorrow and check the weather in {place}" for place in PLACES]
    with ThreadPoolExecutor(20) as pool:
        tasks = list(pool.map(lambda description: begin(api, description), asked * 10))
        streams = list(pool.map(lambda task: events_of(api, task), tasks))
    for number, (task, told) in enumerate(zip(tasks, streams, strict=True)):
        assert told[-1].kind == "task_completed"
        assert [event.id for event in told] == list(range(1, 8))
        assert PLACES[number % 2] in wait_for(api, task)["result"]


PLACES = ("Berlin", "Köln")
