"""Whatever is killed while memories are written, every acknowledged one is there, found, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.crash import count_what_is_left, wait_for_vectors, write_through_kills
from tests.memory.support import search
from tests.support.server import Server


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir).start()
    yield running
    running.remove()


def test_every_acknowledged_memory_survives_every_kill(own_server: Server) -> None:
    written = write_through_kills(own_server, 150, between=15, seed=4)
    assert written.kills.total() >= 3
    own_server.kill_everything()
    own_server.start()
    left = count_what_is_left(own_server, written)
    assert (left.acknowledged, left.there, left.found, left.twice) == (150, 150, 150, 0)
    wait_for_vectors(own_server, 150)
    content = next(iter(written.acknowledged))
    assert search(own_server, content)[0]["similarity"] > 0.9
