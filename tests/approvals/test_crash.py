"""Whatever is killed between an approval and its result, nothing is carried out twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.approvals.crash import TOGETHER, VICTIMS, Crashes
from tests.support.server import Server


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir, PISOVEREIGN_SERVER__WORKERS="2").start()
    yield running
    running.remove()


def test_it_ends_in_executed_or_failed_and_never_happens_twice(own_server: Server) -> None:
    with Crashes(own_server, seed=7) as crashes:
        for victim in VICTIMS:
            crashes.round(victim, patient=False)
        crashes.round("API worker", patient=True)
        counts = crashes.count()
    assert counts.approvals == TOGETHER * (len(VICTIMS) + 1)
    assert (counts.twice, counts.unseen, counts.cut, counts.untold) == (0, 0, 0, 0), counts
    assert {ended.partition(":")[0] for ended in counts.ended} <= {"executed", "failed"}, counts
    assert counts.ended["executed"] > 0, counts
    assert "internal error" not in str(counts.ended), counts
    assert counts.once > counts.never, counts
    assert counts.audit_intact


def test_a_command_that_was_killed_is_executed_with_the_exit_code_that_says_so(
    own_server: Server,
) -> None:
    """The program itself, or the process above it: what it has printed by then is not all."""
    with Crashes(own_server, seed=3) as crashes:
        for _ in range(4):
            crashes.round("command", patient=False)
        counts = crashes.count()
    assert counts.kills["command"] > 0, counts
    assert (counts.twice, counts.cut, counts.untold) == (0, 0, 0), counts
    assert counts.killed > 0, counts
