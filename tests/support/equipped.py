"""The program with all that can be set up around it: calendar, weather, mail, messengers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

from tests.agents.conftest import sources
from tests.connectors.calendar.radicale import Radicale
from tests.connectors.email.crash import settings as mail_settings
from tests.connectors.email.dovecot import Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.api_server import running_api
from tests.support.graph_api import GraphApi
from tests.support.graph_api import settings as whatsapp_settings
from tests.support.ntfy_server import NtfyServer
from tests.support.ntfy_server import settings as ntfy_settings
from tests.support.open_meteo import OpenMeteoServer
from tests.support.scripted_model import ScriptedModel
from tests.support.server import ALICE, Server
from tests.support.telegram_api import TelegramApi
from tests.support.telegram_api import settings as telegram_settings
from tests.support.web import Web

CALENDAR = "everything"


class Equipped(NamedTuple):
    """The program and everything around it."""

    server: Server
    model: ScriptedModel
    radicale: Radicale
    meteo: OpenMeteoServer
    dovecot: Dovecot
    smtp: SmtpServer
    graph: GraphApi
    telegram: TelegramApi
    ntfy: NtfyServer
    web: Web

    def clear(self) -> None:
        """Nothing was said, sent or received yet."""
        self.model.forget()
        self.radicale.empty(CALENDAR)
        self.meteo.delay_s = 0.0
        self.dovecot.clear()
        self.smtp.reset()
        self.graph.sent.clear()
        self.telegram.clear()
        self.ntfy.sent.clear()
        self.web.clear()


@contextmanager
def equipped(server: Server, models_dir: Path) -> Iterator[Equipped]:
    """Start all of it; the engine is that of a server that runs already."""
    with (
        tempfile.TemporaryDirectory(
            prefix="pisov-equipped-cal-", ignore_cleanup_errors=True
        ) as folder,
        ExitStack() as started,
        OpenMeteoServer() as meteo,
        Dovecot() as dovecot,
        SmtpServer(dovecot.certificates) as smtp,
        GraphApi() as graph,
        TelegramApi() as telegram,
        NtfyServer() as ntfy,
        Web() as web,
        ScriptedModel(server.data_dir / "run" / "engine.sock") as model,
    ):
        radicale = Radicale(Path(folder), trustme.CA()).start()
        started.callback(radicale.stop)
        radicale.make_calendar(CALENDAR, "Everything")
        settings = {
            **sources(radicale, meteo),
            **mail_settings(dovecot, smtp),
            **whatsapp_settings(graph.url),
            **telegram_settings(telegram.url),
            **ntfy_settings(ntfy.url, ALICE),
            "PISOVEREIGN_SEARCH__URL": web.url,
            "PISOVEREIGN_WEB__ALLOW_HOSTS": f'["{web.host}"]',
            "PISOVEREIGN_INFERENCE__BASE_URL": model.url,
            "PISOVEREIGN_MEMORY__LEARN": "false",
            "PISOVEREIGN_AGENTIC__PHRASE_RESULT": "true",
        }
        with running_api(server, models_dir, **settings) as running:
            yield Equipped(
                running, model, radicale, meteo, dovecot, smtp, graph, telegram, ntfy, web
            )
