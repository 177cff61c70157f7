"""When what has ended is started again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from pisovereign.storage.embedded.server import EmbeddedServer
from pisovereign.supervisor.child import LONGEST_PAUSE_S, STABLE_S, Backoff, Child, Postgres
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until


def test_the_first_end_costs_no_pause_and_a_row_of_them_more_and_more() -> None:
    backoff = Backoff()
    pauses = [backoff.next_pause(0.1) for _ in range(10)]
    assert pauses[:4] == [0.0, 0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_what_has_served_for_a_while_is_started_again_at_once() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.next_pause(0.1)
    assert [backoff.next_pause(STABLE_S + 1) for _ in range(3)] == [0.0] * 3


def test_a_child_that_ends_is_there_again_with_the_same_look() -> None:
    child = Child("child", lambda: [sys.executable, "-c", "import time; time.sleep(600)"])
    child.start()
    first = child.pid
    child.ask_to_stop()
    wait_until(lambda: child.pid is None, PATIENCE_S, "its end")
    child.restart_ended()
    try:
        assert child.pid not in (None, first)
    finally:
        child.ask_to_stop()
        child.wait_stopped(10)


def test_one_that_cannot_be_started_now_is_started_later(tmp_path: Path) -> None:
    """Without memory for a new process, the error ended the program with all others."""
    program = tmp_path / "program"
    program.symlink_to("/bin/true")
    child = Child("child", lambda: [str(program), "600"])
    child.start()
    wait_until(lambda: child.pid is None, PATIENCE_S, "its end")
    program.unlink()
    child.restart_ended()
    program.symlink_to("/bin/sleep")

    def is_there() -> bool:
        child.restart_ended()
        return child.pid is not None

    try:
        wait_until(is_there, PATIENCE_S, "its start")
    finally:
        child.ask_to_stop()
        child.wait_stopped(10)


@pytest.mark.parametrize(
    "error", [RuntimeError("can't start new thread"), subprocess.TimeoutExpired("postgres", 30)]
)
def test_a_database_that_cannot_be_started_now_is_started_later(error: Exception) -> None:
    server = create_autospec(EmbeddedServer, instance=True)
    server.returncode = 1
    server.start.side_effect = [error, None]
    postgres = Postgres(server)

    def started_twice() -> bool:
        postgres.restart_ended()
        return bool(server.start.call_count == 2)

    wait_until(started_twice, PATIENCE_S, "the second start")
