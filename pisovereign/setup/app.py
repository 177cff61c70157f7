"""The composition root of set-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import falcon.asgi
from prometheus_client import CollectorRegistry

from pisovereign.asgi.body import BodyLimit, BodyReader
from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.types import AsgiApp
from pisovereign.config import Config
from pisovereign.http.allowed_hosts import LocalNames
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.observe import Observe
from pisovereign.http.rate_limit import RateLimit
from pisovereign.http.static_files import WebFileResource, WebPageResource
from pisovereign.metrics.http import HttpMetrics
from pisovereign.models.store import ModelStore
from pisovereign.runtime import setup_code_file, setup_done_file, time_zone
from pisovereign.setup.model_download import Puller
from pisovereign.setup.one_time_codes import Codes
from pisovereign.setup.resources import (
    ClaimResource,
    FinishResource,
    KeyResource,
    ModelResource,
    OnlySetup,
    SetupHealthResource,
    SetupReadyResource,
    StateResource,
)
from pisovereign.setup.service import SetupService

BODY_BYTES = 16 * 1024


def create_setup_app(
    config: Config, data_dir: Path, models_dir: Path, config_file: Path, finish: Callable[[], None]
) -> AsgiApp:
    """Build what runs until set-up is done.

    Args:
        config: The checked configuration.
        data_dir: Where code and mark are kept.
        models_dir: Where models are kept.
        config_file: What is written in the end.
        finish: Called when everything is written.
    """
    models_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    store = ModelStore(models_dir)
    setup = config.setup
    puller = Puller(
        store,
        config.engine.embedding_model,
        Path(setup.seed_folder) if setup.seed_folder else None,
        Path(setup.media_folder) if setup.media_folder else None,
    )
    service = SetupService(
        codes=Codes(setup_code_file(data_dir)),
        puller=puller,
        store=store,
        config=config_file,
        done=setup_done_file(data_dir),
        zone=time_zone(config).key,
        finish=finish,
    )
    bodies = BodyReader(BODY_BYTES, config.server.body_timeout_s)
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(
        middleware=[
            _Pulling(puller),
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(config.security.rate_limit_rpm, 1),
            BodyLimit(BODY_BYTES),
            OnlySetup(LocalNames(config.server.names)),
        ]
    )
    add_error_handlers(app)
    app.add_route("/", WebPageResource("setup.html"))
    app.add_route("/web/{name}", WebFileResource(("setup.js", "style.css")))
    app.add_route("/health", SetupHealthResource())
    app.add_route("/ready", SetupReadyResource())
    app.add_route("/setup/claim", ClaimResource(service, bodies))
    app.add_route("/setup/state", StateResource(service, bodies))
    app.add_route("/setup/model", ModelResource(service, bodies, puller))
    app.add_route("/setup/key", KeyResource(service, bodies))
    app.add_route("/setup/finish", FinishResource(service, bodies))
    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    metrics = HttpMetrics(CollectorRegistry())
    return Observe(guarded, metrics, access_log=config.telemetry.access_log)


class _Pulling:
    """Begins and ends what is fetched with the process."""

    def __init__(self, puller: Puller) -> None:
        self._puller = puller

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self._puller.start()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        await self._puller.stop()
