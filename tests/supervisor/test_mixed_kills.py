"""Whatever process is killed while a household writes: nothing is lost, and nothing is twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.supervisor.mixed_kills import VICTIMS, kill_again_and_again
from tests.supervisor.mixed_writes import MixedWrites
from tests.support.server import Server

KILLS = 16


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir).start()
    yield running
    running.remove()


def test_nothing_is_lost_or_there_twice(own_server: Server) -> None:
    with MixedWrites(own_server) as writes:
        until = time.monotonic() + 400
        kills = list(kill_again_and_again(own_server, writes, KILLS, seed=20, until=until))
        writes.stop()
        own_server.kill_everything()
        own_server.start()
        left = writes.left()
    assert len({kill.victim for kill in kills}) > len(VICTIMS) // 2, kills
    assert all(one.acknowledged > len(kills) for one in left.values()), left
    assert {kind: (one.lost, one.doubled) for kind, one in left.items()} == dict.fromkeys(
        left, (0, 0)
    ), left
