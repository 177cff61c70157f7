"""Tasks that go on while what carries them is killed again and again."""

from __future__ import annotations

import contextlib
import random
import threading
import time
import uuid
from collections import Counter
from typing import Any

import msgspec
import requests

from tests.agents.support import FINAL, TASKS
from tests.memory.crash import kill
from tests.reminders.support import Told, parse
from tests.support.server import Server, wait_until

VICTIMS = {"API worker": 8, "PostgreSQL backend": 4, "PostgreSQL": 2, "engine": 2, "everything": 1}
LIMIT_S = 180.0


class Course(msgspec.Struct):
    """What is known of the tasks when all are over."""

    tasks: list[dict[str, Any]]
    events: dict[str, list[Told]]
    approvals: dict[str, dict[str, Any]]
    reminders: Counter[str]
    kills: Counter[str]


def ask(server: Server, method: str, path: str, **options: Any) -> requests.Response:
    """Ask until there is an answer other than that something is away."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            answer = server.request(method, path, **options)
            if answer.status_code < 500:
                return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer to {method} {path}\n{server.log()[-4000:]}")


def run_through_kills(server: Server, count: int, *, seed: int, kills: int) -> Course:
    """Have `count` tasks carried out, approve what they ask for, and kill meanwhile."""
    done = threading.Event()
    killed: Counter[str] = Counter()

    def kill_some() -> None:
        chance = random.Random(seed)
        while not done.is_set() and killed.total() < kills:
            _wait_until_it_answers(server, done)
            done.wait(chance.uniform(0.02, 1.0))
            (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
            if not done.is_set() and kill(server, victim, chance):
                killed[victim] += 1

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        for _ in range(count):
            _begin(server)
        _bring_to_an_end(server)
        killer.join(120)
    finally:
        done.set()
        killer.join()
    return _course(server, killed)


def _wait_until_it_answers(server: Server, done: threading.Event) -> None:
    """A victim that is only just coming up again would tell little."""
    while not done.wait(0.05):
        with contextlib.suppress(requests.RequestException):
            if server.request("GET", f"{TASKS}?limit=1", timeout=5).status_code == 200:
                return


def _begin(server: Server) -> None:
    """Have a task that reads, changes and reads again taken down for certain.

    One whose answer was lost may have been: then there is one more of them, with names of its own.
    """
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        name = uuid.uuid4().hex
        description = (
            f"Show my reminders, remind me tomorrow at 9 to water plant {name}, "
            f"remind me tomorrow at 10 to feed cat {name}, then tell me what you can do"
        )
        with contextlib.suppress(requests.RequestException):
            answer = server.request("POST", TASKS, json={"description": description})
            if answer.status_code == 201:
                return
        time.sleep(0.05)
    raise AssertionError("no task could be created")


def _bring_to_an_end(server: Server) -> None:
    def over() -> bool:
        for approval in ask(server, "GET", "/v1/approvals?status=pending&limit=500").json():
            # Its answer may be lost; then it is decided all the same, or still pending.
            with contextlib.suppress(requests.RequestException):
                server.request("POST", f"/v1/approvals/{approval['id']}/approve", timeout=20)
        shown = ask(server, "GET", f"{TASKS}?limit=500").json()
        return all(task["status"] in FINAL for task in shown)

    wait_until(over, LIMIT_S + 120, "the end of all tasks")


def _course(server: Server, kills: Counter[str]) -> Course:
    shown = ask(server, "GET", f"{TASKS}?limit=500").json()
    tasks = [row["task_id"] for row in shown]
    events = {
        task: list(parse(iter(ask(server, "GET", f"{TASKS}/{task}/stream").text.split("\n"))))
        for task in tasks
    }
    ids = [p["approval_id"] for t in shown for p in t["sub_agents"] if "approval_id" in p]
    approvals = {each: ask(server, "GET", f"/v1/approvals/{each}").json() for each in ids}
    listed = ask(server, "GET", "/v1/reminders?limit=500").json()
    return Course(shown, events, approvals, Counter(row["title"] for row in listed), kills)


def check(course: Course) -> Counter[str]:
    """Nothing is lost and nothing happened twice; returns how the tasks and parts ended."""
    ends: Counter[str] = Counter()
    for task in course.tasks:
        ends[f"task {task['status']}"] += 1
        assert task["status"] == "completed" or task["reason"], task
        assert "internal error" not in str(task), task
        told = course.events[task["task_id"]]
        assert [event.id for event in told] == list(range(1, len(told) + 1))
        last = {"completed": "task_completed", "failed": "task_failed"}[task["status"]]
        assert [e.kind for e in told if e.kind.startswith("task_")] == ["task_started", last]
        for part in task["sub_agents"]:
            ends[f"part {part['status']}"] += 1
            finished = [
                e for e in told
                if e.kind in ("sub_agent_completed", "sub_agent_failed")
                and e.data["sub_agent_id"] == part["id"]
            ]  # fmt: skip
            assert len(finished) == 1, (part, told)
            assert part["status"] == "completed" or part["reason"]
            if "approval_id" in part:
                approval = course.approvals[part["approval_id"]]
                assert str(uuid.UUID(approval["id"])) == approval["id"]
                title = approval["details"]["title"]
                made = course.reminders[title]
                assert made <= 1, f"{title} happened {made} times"
                # Interrupted in the middle, it may have happened, and says so.
                if part["status"] == "completed":
                    assert (approval["status"], made) == ("executed", 1)
                else:
                    assert approval["status"] == "failed"
    return ends
