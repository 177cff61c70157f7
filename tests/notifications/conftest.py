"""A server that sends reminders over WhatsApp, to Meta's side on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.memory.test_at_rest import superuser
from tests.support.api_server import running_api
from tests.support.graph_api import ALICE_PHONE, GraphApi, settings
from tests.support.server import ALICE, Server


class Sending(NamedTuple):
    """Both sides."""

    server: Server
    graph: GraphApi


@pytest.fixture(scope="module")
def running(server: Server, models_dir: Path) -> Iterator[Sending]:
    only_alice = json.dumps([{"phone": ALICE_PHONE, "user_id": ALICE}])
    with GraphApi() as graph:
        variables = settings(
            graph.url,
            PISOVEREIGN_WHATSAPP__SENDERS=only_alice,
            PISOVEREIGN_WHATSAPP__TIMEOUT_S="5",
            PISOVEREIGN_REMINDERS__DELIVER='["events", "whatsapp"]',
            # Failures are what is tested here; the pause after several is tested elsewhere.
            PISOVEREIGN_OUTBOUND__BREAKER_FAILURES="100",
        )
        with running_api(server, models_dir, **variables) as reminding:
            yield Sending(reminding, graph)


@pytest.fixture
def sending(running: Sending) -> Sending:
    """Nothing was sent or received yet."""
    with superuser(running.server) as connection:
        for table in ("jobs", "reminders", "events"):
            connection.execute(f"DELETE FROM {table}".encode())
    running.graph.sent.clear()
    running.graph.refusals.clear()
    running.graph.delay_s = 0.0
    return running
