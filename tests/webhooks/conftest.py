"""An API that talks to Meta's side on the loopback."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.memory.test_at_rest import superuser
from tests.support.api_server import ApiServer
from tests.support.graph_api import GraphApi, settings
from tests.support.server import Server


class Messenger(NamedTuple):
    """Both sides; nobody else works at the jobs of this database, such as a second attempt."""

    server: ApiServer
    graph: GraphApi


@pytest.fixture(scope="module")
def running(server: Server, models_dir: Path) -> Iterator[Messenger]:
    folder = Path(tempfile.mkdtemp(prefix="pisov-graph-"))
    with GraphApi() as graph:
        own = ApiServer(server, folder, models_dir, **settings(graph.url))
        own.start()
        yield Messenger(own, graph)
        own.remove()


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
