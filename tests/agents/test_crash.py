"""Whatever is killed, every task ends, with a reason, and nothing happens twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.crash import check, run_through_kills
from tests.support.server import Server

TASKS = int(os.environ.get("PISOVEREIGN_TEST_AGENT_TASKS", "6"))
KILLS = int(os.environ.get("PISOVEREIGN_TEST_AGENT_KILLS", "8"))


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir, PISOVEREIGN_MEMORY__LEARN="false").start()
    yield running
    running.remove()


def test_tasks_survive_kills(own_server: Server) -> None:
    course = run_through_kills(own_server, TASKS, seed=7, kills=KILLS)
    ends = check(course)
    print(f"kills: {dict(course.kills)}; ends: {dict(ends)}")
    assert ends["part completed"] > ends["part failed"], ends
    assert sum(count for name, count in ends.items() if name.startswith("task ")) >= TASKS
