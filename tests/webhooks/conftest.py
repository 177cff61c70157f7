"""An API that talks to Meta's side on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.graph_api import GraphApi, settings
from tests.support.server import Server


class Messenger(NamedTuple):
    """Both sides, and the server whose database they use."""

    server: Server
    api: ApiProcess
    graph: GraphApi


@pytest.fixture(scope="module")
def running(server: Server) -> Iterator[Messenger]:
    with GraphApi() as graph, ApiProcess(server, **settings(graph.url)) as api:
        yield Messenger(server, api, graph)


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
