"""An API that talks to Meta's side on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.memory.test_at_rest import superuser
from tests.support.api_server import running_api
from tests.support.graph_api import GraphApi, settings
from tests.support.server import Server


class Messenger(NamedTuple):
    """Both sides; nobody else works at the jobs of this database, such as a second attempt."""

    server: Server
    graph: GraphApi


@pytest.fixture(scope="module")
def running(server: Server, models_dir: Path) -> Iterator[Messenger]:
    with GraphApi() as graph, running_api(server, models_dir, **settings(graph.url)) as own:
        yield Messenger(own, graph)


@pytest.fixture
def messenger(running: Messenger) -> Messenger:
    """Nothing was sent or received yet."""
    with superuser(running.server) as connection:
        connection.execute("DELETE FROM jobs")
    running.graph.sent.clear()
    running.graph.read.clear()
    running.graph.refusals.clear()
    running.graph.delay_s = 0.0
    return running
