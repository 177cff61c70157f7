"""Cancelling, in each state, and what it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agents.support import (
    approvals_of,
    begin,
    cancel,
    events_of,
    show,
    wait_for,
    watch,
)
from tests.support.api_process import ApiProcess
from tests.support.open_meteo import OpenMeteoServer
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until

TALK = "Write a long story about a lighthouse and its keeper"


@pytest.fixture
def slow_weather(meteo: OpenMeteoServer) -> Iterator[None]:
    meteo.delay_s = 3.0
    yield
    meteo.delay_s = 0.0


def check_cancelled(api: Server, task: str) -> None:
    shown = show(api, task)
    assert shown["status"] == "cancelled"
    assert {p["status"] for p in shown["sub_agents"]} <= {"cancelled", "completed", "failed"}
    told = events_of(api, task)
    assert [event.kind for event in told].count("task_cancelled") == 1
    assert told[-1].kind == "task_cancelled"
    assert cancel(api, task) == "cancelled"
    wait_for(api, begin(api, "Show my reminders"))  # what would still be told has been by then
    assert events_of(api, task) == told
    assert show(api, task) == shown


def engine_is_idle(api: Server) -> bool:
    health = api.engine_health()
    return bool(health["active"] == health["queue"] == 0)


@pytest.mark.usefixtures("slow_weather")
def test_at_once(api: Server) -> None:
    task = begin(api, "Check the weather in Lisbon and show my reminders")
    assert cancel(api, task) == "cancelled"
    check_cancelled(api, task)


def test_while_the_model_plans(api: Server) -> None:
    wait_until(lambda: engine_is_idle(api), PATIENCE_S, "an idle engine")
    task = begin(api, TALK)
    wait_until(lambda: not engine_is_idle(api), PATIENCE_S, "the model at work")
    assert show(api, task)["status"] == "planning"
    assert cancel(api, task) == "cancelled"
    wait_until(lambda: engine_is_idle(api), PATIENCE_S, "the end of the model's work")
    check_cancelled(api, task)


@pytest.mark.usefixtures("slow_weather")
def test_while_a_tool_works(api: Server) -> None:
    task = begin(api, "Check the weather in Springfield")
    wait_for(api, task, "running")
    with watch(api, task) as watching:
        assert cancel(api, task) == "cancelled"
        assert list(watching.events)[-1].kind == "task_cancelled"
    check_cancelled(api, task)


def test_while_it_waits_for_an_approval(api: Server) -> None:
    task = begin(api, "Remind me tomorrow at 5 to wake up")
    wait_for(api, task, "awaiting_approval")
    (approval,) = approvals_of(api, task)
    assert cancel(api, task) == "cancelled"
    check_cancelled(api, task)
    path = f"/v1/approvals/{approval['id']}"
    assert api.request("GET", path).json()["status"] == "cancelled"
    assert api.request("POST", f"{path}/approve").status_code == 409


def test_while_its_plan_waits(api: Server) -> None:
    task = begin(api, "Show my reminders", require_approval=True)
    plan = wait_for(api, task, "awaiting_approval")["approval_id"]
    assert cancel(api, task) == "cancelled"
    check_cancelled(api, task)
    assert api.request("GET", f"/v1/approvals/{plan}").json()["status"] == "cancelled"


def test_what_is_over_stays_as_it_is(api: Server) -> None:
    done, failed = begin(api, "Show my reminders"), begin(api, "Check my mail")
    wait_for(api, done)
    wait_for(api, failed)
    assert cancel(api, done) == "completed"
    assert cancel(api, failed) == "failed"


def test_from_another_process(api: Server) -> None:
    """Whoever works at it notices within a second; its call to the engine ends, too."""
    with ApiProcess(api) as second:
        wait_until(lambda: engine_is_idle(api), PATIENCE_S, "an idle engine")
        task = begin(api, TALK)
        wait_until(lambda: not engine_is_idle(api), PATIENCE_S, "the model at work")
        assert cancel(second, task) == "cancelled"
        wait_until(lambda: engine_is_idle(api), PATIENCE_S, "the end of the model's work")
        check_cancelled(api, task)
