"""A program with two workers and nothing set up, and real servers that it can be told of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import trustme

from tests.connectors.calendar.radicale import Radicale
from tests.connectors.email.dovecot import Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.api_server import running_api
from tests.support.graph_api import GraphApi
from tests.support.open_meteo import OpenMeteoServer
from tests.support.server import ADMIN_KEY, Server

FOR_BOTH_WORKERS = 24
"""So many requests, each on a connection of its own, that both workers certainly have some."""


class Household(NamedTuple):
    """The program, and what it may be connected to."""

    server: Server
    radicale: Radicale
    meteo: OpenMeteoServer
    dovecot: Dovecot
    smtp: SmtpServer
    graph: GraphApi

    def ask(
        self, method: str, kind: str = "", *, key: str = ADMIN_KEY, **values: Any
    ) -> requests.Response:
        """A request about connections; `values` of a form, if there are any."""
        path = f"/v1/connections/{kind}" if kind else "/v1/connections"
        body = {"json": {"values": values}} if values else {}
        return self.server.request(method, path, key=key, **body)

    def everywhere(self, method: str, path: str, **kwargs: Any) -> list[requests.Response]:
        """The answers of as many requests as both workers certainly have some of."""
        return [self.server.request(method, path, **kwargs) for _ in range(FOR_BOTH_WORKERS)]


@pytest.fixture(scope="package")
def _running(server: Server, models_dir: Path) -> Iterator[Household]:
    calendar = Path(tempfile.mkdtemp(prefix="pisov-connections-cal-"))
    radicale = Radicale(calendar, trustme.CA()).start()
    radicale.make_calendar("home", "Home")
    with (
        OpenMeteoServer() as meteo,
        Dovecot() as dovecot,
        SmtpServer(dovecot.certificates) as smtp,
        GraphApi() as graph,
    ):
        settings = {
            "PISOVEREIGN_SERVER__WORKERS": "2",
            "PISOVEREIGN_MEMORY__LEARN": "false",
            "PISOVEREIGN_WEATHER__BASE_URL": meteo.url,
            "PISOVEREIGN_WEATHER__GEOCODING_URL": meteo.url,
            "PISOVEREIGN_CALDAV__CA_FILE": str(radicale.ca_file),
            "PISOVEREIGN_OUTBOUND__CA_FILE": str(dovecot.certificates.ca),
            "PISOVEREIGN_WHATSAPP__GRAPH_URL": graph.url,
        }
        with running_api(server, models_dir, **settings) as running:
            yield Household(running, radicale, meteo, dovecot, smtp, graph)
    radicale.stop()
    shutil.rmtree(calendar, ignore_errors=True)


@pytest.fixture
def household(_running: Household) -> Household:
    """Nothing is connected, and there is no mail."""
    for key in (ADMIN_KEY, "sk-bob-0123456789abcdef"):
        for kind in ("weather", "calendar", "email", "whatsapp", "speech", "waste"):
            _running.ask("DELETE", kind, key=key)
    _running.dovecot.clear()
    _running.smtp.reset()
    _running.graph.sent.clear()
    return _running
