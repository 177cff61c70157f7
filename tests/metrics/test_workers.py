"""Several workers count together, and nothing is lost with one of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.metrics.scrape import report
from tests.support.server import TWO_USERS, Server, wait_until


@pytest.fixture
def two_workers(tmp_path: Path, models_dir: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", models_dir, TWO_USERS, PISOVEREIGN_SERVER__WORKERS="2")
    server.start()
    yield server
    server.remove()


def workers(server: Server) -> list[int]:
    """Process ids of the workers: those below the process that serves the API."""
    found = [pid for pid, line in server.descendants().items() if "cli.serve api" in line]
    parents = {
        pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        for pid in found
    }
    return [pid for pid in found if parents[pid] in found]


def ask(server: Server, count: int) -> int:
    """Ask on a new connection each time, so that both workers answer; counts the answers."""

    def one(_: int) -> bool:
        try:
            return requests.get(f"{server.url}/health", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(count)))


def test_counts_are_right_with_two_workers_and_after_one_was_killed(two_workers: Server) -> None:
    server = two_workers
    wait_until(lambda: len(workers(server)) == 2, 30, "two workers")
    # Until it has printed that, the supervisor asks too.
    wait_until(lambda: server.url in server.log(), 30, "the banner")
    before = report(server)["http"]["requests_success"]
    assert ask(server, 200) == 200
    assert report(server)["http"]["requests_success"] - before == 200 + 1
    killed = workers(server)[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: len(workers(server)) == 2 and killed not in workers(server), 30, "a new worker"
    )
    time.sleep(0.5)
    seen = report(server)["http"]["requests_success"]
    assert seen - before == 200 + 2
    assert ask(server, 100) == 100
    after = report(server)
    assert after["http"]["requests_success"] - seen == 100 + 1
    assert after["http"]["active_requests"] == 1  # the one that asks
