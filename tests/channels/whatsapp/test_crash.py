"""Whatever is killed while people write, each answer is sent once, or reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.channels.whatsapp.crash import write_through_kills
from tests.support.graph_api import GraphApi, settings
from tests.support.server import Server


class Own(NamedTuple):
    server: Server
    graph: GraphApi


@pytest.fixture
def own(models_dir: Path, data_dir: Path) -> Iterator[Own]:
    with GraphApi() as graph:
        more = {
            "PISOVEREIGN_SERVER__WORKERS": "2",
            "PISOVEREIGN_WHATSAPP__TIMEOUT_S": "1",
            "PISOVEREIGN_INFERENCE__MAX_TOKENS": "4",
        }
        server = Server(data_dir, models_dir, **(settings(graph.url) | more)).start()
        yield Own(server, graph)
        server.remove()


def test_each_answer_is_sent_once_or_reported(own: Own) -> None:
    own.graph.delay_s = 0.2
    outcome = write_through_kills(own.server, own.graph, kills=8, seed=5)
    assert outcome.answered == outcome.messages > 0
    assert (outcome.sent_twice, outcome.lost, outcome.asked_twice) == (0, 0, 0)
    assert outcome.interrupted > 0
    assert outcome.sent > outcome.uncertain, outcome
