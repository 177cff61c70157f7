"""Schedules through the running program: begun once, told to their owner, kept for a time."""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pisovereign.agents.schedules.types import Schedule, build_schedules
from pisovereign.config import AgenticConfig, ScheduleConfig
from tests.agents.conftest import BERLIN, sources
from tests.agents.support import TASKS, events_of, show
from tests.connectors.calendar.radicale import Radicale
from tests.memory.crash import kill
from tests.memory.test_at_rest import superuser
from tests.reminders.support import told
from tests.support.api_server import running_api
from tests.support.graph_api import GraphApi, settings
from tests.support.open_meteo import OpenMeteoServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, BOB, BOB_KEY, Server, wait_until

SOON, YEARLY, OFF = (
    ScheduleConfig(
        name="morning-briefing",
        cron="*/4 * * * * *",
        description="Give me my briefing",
        user_id=ALICE,
        deliver=("events", "whatsapp"),
    ),
    ScheduleConfig(
        name="once-a-year",
        cron=f"0 0 1 {(dt.datetime.now(BERLIN).month + 5) % 12 + 1} *",  # in half a year
        description="Check my mail",
        user_id=BOB,
        grace_minutes=1,
    ),
    ScheduleConfig(
        name="off", cron="* * * * * *", description="Check my mail", user_id=BOB, enabled=False
    ),
)


class Running(NamedTuple):
    """The program, and Meta's side."""

    server: Server
    graph: GraphApi
    missed: ScheduleConfig


@pytest.fixture(scope="module")
def running(
    server: Server, models_dir: Path, radicale: Radicale, meteo: OpenMeteoServer, meeting: str
) -> Iterator[Running]:
    missed = _missed()
    schedules = [_plain(each) for each in (SOON, missed, YEARLY, OFF)]
    with GraphApi() as graph:
        variables = {
            **settings(graph.url, PISOVEREIGN_WHATSAPP__TEMPLATE="note"),
            **sources(radicale, meteo),
            "PISOVEREIGN_SERVER__WORKERS": "2",
            "PISOVEREIGN_AGENTIC__SCHEDULES": json.dumps(schedules),
            "PISOVEREIGN_AGENTIC__KEEP_DAYS": "7",
        }
        with running_api(server, models_dir, **variables) as scheduling:
            yield Running(scheduling, graph, missed)


def _missed() -> ScheduleConfig:
    """Three minutes that are just over; they come again in most of an hour."""
    now = dt.datetime.now(BERLIN)
    minutes = sorted((now - dt.timedelta(minutes=ago)).minute for ago in (5, 4, 3))
    return ScheduleConfig(
        name="missed",
        cron=f"{','.join(map(str, minutes))} * * * *",
        description="Show my reminders",
        user_id=ALICE,
        grace_minutes=60,
    )


def _plain(config: ScheduleConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__struct_fields__}


def schedule(config: ScheduleConfig) -> Schedule:
    """As the program makes it."""
    users = [uuid.UUID(ALICE), uuid.UUID(BOB)]
    (made,) = build_schedules(AgenticConfig(schedules=(config,)), BERLIN, users)
    return made


def tasks_of(server: Server, config: ScheduleConfig) -> list[dict[str, Any]]:
    key = {"key": BOB_KEY} if config.user_id == BOB else {}
    rows = server.request("GET", f"{TASKS}?limit=500", **key).json()
    return [row for row in rows if row.get("scheduled_by") == config.name]


def finished(server: Server) -> list[Any]:
    return [event.data for event in told(server) if event.kind == "task_finished"]


def set_back(server: Server, config: ScheduleConfig, by: str) -> None:
    """As if nothing had been looked after for so long."""
    statement = (
        "UPDATE agent_schedules SET seen_to = clock_timestamp() - %s::interval WHERE id = %s"
    )

    def is_set_back() -> bool:
        with superuser(server) as connection:
            return connection.execute(statement, (by, schedule(config).id)).rowcount == 1

    wait_until(is_set_back, PATIENCE_S, f"the first look at {config.name}")


def test_a_briefing_reaches_its_owner(running: Running) -> None:
    server, graph = running.server, running.graph
    wait_until(lambda: len(finished(server)) >= 1 and graph.sent, PATIENCE_S, "a briefing")
    done = next(each for each in finished(server) if each["scheduled_by"] == SOON.name)
    assert done["status"] == "completed"
    assert "15°C, partly cloudy" in done["result"]
    task = show(server, done["task_id"])
    assert task["scheduled_by"] == SOON.name
    assert task["plan_summary"] == "1 sub-task: briefing"
    assert task["result"] == done["result"]
    assert [event.kind for event in events_of(server, done["task_id"])][-1] == "task_completed"
    # She has not written to the number today, so it comes as the template that was approved.
    (parameter,) = graph.sent[0]["template"]["components"][0]["parameters"]
    assert parameter["text"] == " ".join(done["result"].split())
    log = server.log()
    assert f"schedule {SOON.name} begins task" in log
    assert "partly cloudy" not in log
    assert SOON.description not in log


def test_each_time_is_begun_once_by_two_processes_of_which_one_is_killed(running: Running) -> None:
    server = running.server
    chance = random.Random(5)
    begin = len(tasks_of(server, SOON))
    assert kill(server, "API worker", chance)
    wait_until(lambda: len(tasks_of(server, SOON)) >= begin + 3, 60, "three more")
    rows = tasks_of(server, SOON)
    start = min(dt.datetime.fromisoformat(row["created_at"]) for row in rows)
    made = schedule(SOON)
    times = [made.times.newest(start - dt.timedelta(seconds=8), start)]
    while (last := times[-1]) is not None and last <= dt.datetime.now(dt.UTC):
        times.append(made.times.next(last))
    of_times = {str(made.task(time)) for time in times if time is not None}
    assert {row["task_id"] for row in rows} <= of_times
    assert max(Counter(each["task_id"] for each in finished(server)).values()) == 1


def test_of_what_was_missed_only_the_newest_is_made_up_for(running: Running) -> None:
    server, missed = running.server, running.missed
    made = schedule(missed)
    now = dt.datetime.now(dt.UTC)
    newest = made.times.newest(now - dt.timedelta(minutes=40), now)
    assert newest is not None
    assert tasks_of(server, missed) == []
    for _ in range(2):  # the second time it is the same task
        set_back(server, missed, "40 minutes")
        wait_until(lambda: _seen_to(server, made) == newest, PATIENCE_S, "a look")
        assert [row["task_id"] for row in tasks_of(server, missed)] == [str(made.task(newest))]


def _seen_to(server: Server, made: Schedule) -> dt.datetime:
    with superuser(server) as connection:
        found = connection.execute(
            "SELECT seen_to FROM agent_schedules WHERE id = %s", (made.id,)
        ).fetchone()
    assert found is not None
    time: dt.datetime = found[0]
    return time


def test_what_was_missed_long_ago_is_left_out(running: Running) -> None:
    server = running.server
    set_back(server, YEARLY, "400 days")
    line = f"schedule {YEARLY.name}: what was missed is too long ago"
    wait_until(lambda: line in server.log(), PATIENCE_S, "the log's line")
    assert tasks_of(server, YEARLY) == []


def test_what_is_switched_off_does_nothing(running: Running) -> None:
    server = running.server
    wait_until(lambda: len(tasks_of(server, SOON)) >= 2, PATIENCE_S, "two that are switched on")
    assert tasks_of(server, OFF) == []


def test_tasks_that_have_been_over_for_long_are_deleted(running: Running) -> None:
    server = running.server

    def over() -> list[str]:
        return [row["task_id"] for row in tasks_of(server, SOON) if row["finished_at"]]

    wait_until(lambda: len(over()) >= 2, 60, "two that are over")
    old, *_, new = over()
    with superuser(server) as connection:
        connection.execute("SET session_replication_role = replica")  # it is over: no trigger
        connection.execute(
            "UPDATE agent_tasks SET finished_at = now() - interval '8 days' WHERE id = %s", (old,)
        )
    assert kill(server, "API worker", random.Random(1))
    path = f"{TASKS}/{old}"
    wait_until(lambda: server.request("GET", path).status_code == 404, PATIENCE_S, "its deletion")
    assert show(server, new)["status"] == "completed"
    assert old not in [each["task_id"] for each in finished(server)]
    with superuser(server) as connection:
        for place in ("agent_parts WHERE task_id", "events WHERE stream", "jobs WHERE id"):
            count = connection.execute(
                f"SELECT count(*) FROM {place} = %s".encode(), (old,)
            ).fetchone()
            assert count == (0,)
