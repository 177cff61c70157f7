"""Several workers count together, and nothing is lost with one of them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.metrics.scrape import report, sample, wait_until_counted
from tests.support.patience import PATIENCE_S
from tests.support.server import TWO_USERS, Server, wait_until

CLIENTS = 8


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("workers") / "data"
    server = Server(folder, models_dir, TWO_USERS, PISOVEREIGN_SERVER__WORKERS="2").start()
    yield server
    server.remove()


def workers(server: Server) -> list[int]:
    """Process ids of the workers: those below the process that serves the API."""
    found = [pid for pid, line in server.descendants().items() if "cli.serve api" in line]
    parents: dict[int, int] = {}
    for pid in found:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            stat = Path(f"/proc/{pid}/stat").read_text()
            parents[pid] = int(stat.rpartition(")")[2].split()[1])
    return [pid for pid, parent in parents.items() if parent in found]


def successes(server: Server) -> int:
    """How many answers are counted, once none is being given: each is counted before its end."""
    wait_until_counted(server)
    return sample(server, "http_requests_total", status="success")


def ask(server: Server, count: int) -> int:
    """Ask on a new connection each time, so that both workers answer; counts the answers."""

    def one(_: int) -> bool:
        try:
            return requests.get(f"{server.url}/health", timeout=PATIENCE_S).status_code == 200
        except requests.ConnectionError:
            return False

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(count)))


class Load:
    """Clients that ask without a pause, on a new connection each time, until they are stopped."""

    def __init__(self, server: Server, clients: int) -> None:
        self._server = server
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(clients)
        self.answered = 0  # about: threads count it together
        self._counts = [self._pool.submit(self._ask) for _ in range(clients)]

    def _ask(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        while not self._stopped.is_set():
            try:
                answer = self._server.request("GET", "/v1/conversations", timeout=PATIENCE_S)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                counts["broken"] += 1
            else:
                counts["answered"] += answer.status_code == 200
                self.answered += 1
        return counts

    def stop(self) -> Counter[str]:
        """End, and say how many requests were answered and how many broke off."""
        self._stopped.set()
        self._pool.shutdown()
        return sum((each.result() for each in self._counts), Counter())


def test_nothing_is_lost_when_a_worker_dies_under_load(two_workers: Server) -> None:
    server = two_workers
    wait_until(lambda: len(workers(server)) == 2, PATIENCE_S, "two workers")
    wait_until(lambda: server.url in server.log(), PATIENCE_S, "the banner")
    before = successes(server)
    failed = report(server)["http"]["requests_server_error"]
    load = Load(server, CLIENTS)
    wait_until(lambda: load.answered > 50, PATIENCE_S, "answers from both")
    killed = workers(server)[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: len(workers(server)) == 2 and killed not in workers(server),
        PATIENCE_S,
        "a new worker",
    )
    so_far = load.answered
    wait_until(lambda: load.answered > so_far + 60, PATIENCE_S, "answers from the new one too")
    seen = load.stop()
    counted = successes(server) - before - 1
    assert seen["answered"] > 100
    assert seen["broken"] <= 2 * CLIENTS  # what the dead one had taken on; the other answers
    # An answer is counted once it was sent whole: of those that were under way in the dead worker,
    # one can be counted without having come, and one can have come without being counted.
    assert abs(counted - seen["answered"]) <= CLIENTS
    assert report(server)["http"]["requests_server_error"] == failed
    exact = successes(server)
    assert ask(server, 100) == 100
    assert successes(server) == exact + 100


def test_counts_are_right_with_two_workers_and_after_one_was_killed(two_workers: Server) -> None:
    server = two_workers
    wait_until(lambda: len(workers(server)) == 2, PATIENCE_S, "two workers")
    # Until it has printed that, the supervisor asks too.
    wait_until(lambda: server.url in server.log(), PATIENCE_S, "the banner")
    before = successes(server)
    assert ask(server, 200) == 200
    assert successes(server) == before + 200
    killed = workers(server)[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: len(workers(server)) == 2 and killed not in workers(server),
        PATIENCE_S,
        "a new worker",
    )
    assert successes(server) == before + 200
    assert ask(server, 100) == 100
    assert successes(server) == before + 300
    told = report(server)["http"]
    assert told["requests_success"] == before + 300
    assert told["active_requests"] == 1, "the one that asks alone"
