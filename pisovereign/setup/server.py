"""Build and run the set-up process: uvicorn alone, until the configuration is written."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import falcon.asgi
import uvicorn
from prometheus_client import CollectorRegistry

from pisovereign.asgi.body import BodyLimit, BodyReader
from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import add_routes, public_paths, unlimited_paths
from pisovereign.asgi.types import AsgiApp
from pisovereign.config import Config
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.instrumentation import Instrumentation, access_lines
from pisovereign.http.protocol import BoundedProtocol
from pisovereign.http.rate_limit import RateLimit
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.store import ModelStore
from pisovereign.runtime import setup_code_file, setup_done_file, time_zone
from pisovereign.setup.model_download import ModelDownload
from pisovereign.setup.model_upload import ModelUpload
from pisovereign.setup.one_time_code import OneTimeCode
from pisovereign.setup.routes import UPLOAD_PATH, OnlySetup, SetupRoutes
from pisovereign.setup.service import SetupService
from pisovereign.telemetry.http_metrics import HttpMetrics

BODY_BYTES = 16 * 1024
PIECE_BYTES = 1024 * 1024  # of an uploaded model
_FIRST_SYSTEMD_FD = 3  # where systemd puts the sockets that it holds


def run_setup(config: Config, data_dir: Path, models_dir: Path, config_file: Path) -> None:
    """Serve until set-up is done, or a signal ends the process."""

    def finish() -> None:
        server.should_exit = True

    app = create_setup_app(config, data_dir, models_dir, config_file, finish)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=config.server.host,
            port=config.server.port,
            loop="uvloop",
            http=BoundedProtocol,
            ws="none",
            lifespan="on",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_config=None,
            timeout_graceful_shutdown=config.server.shutdown_grace_s,
        )
    )
    try:
        server.run(sockets=_passed_sockets() or None)
    finally:
        setup_code_file(data_dir).unlink(missing_ok=True)


def create_setup_app(
    config: Config, data_dir: Path, models_dir: Path, config_file: Path, finish: Callable[[], None]
) -> AsgiApp:
    """Build the application that runs until set-up is done.

    Args:
        config: The checked configuration.
        data_dir: The folder of the one-time code and of the file that marks set-up as done.
        models_dir: The folder of the models.
        config_file: The file that is written in the end.
        finish: Called when everything is written.
    """
    models_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    store = ModelStore(models_dir)
    setup = config.setup
    download = ModelDownload(
        store,
        fetched_embeddings(store.manifest, config.memory.embedding_ids),
        Path(setup.seed_folder) if setup.seed_folder else None,
        Path(setup.media_folder) if setup.media_folder else None,
    )
    service = SetupService(
        code=OneTimeCode(setup_code_file(data_dir)),
        download=download,
        store=store,
        config=config_file,
        done=setup_done_file(data_dir),
        zone=time_zone(config.server).key,
        finish=finish,
    )
    bodies = BodyReader(BODY_BYTES, config.server.body_timeout_s)
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(
        middleware=[
            _DownloadLifespan(download),
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(
                config.security.rate_limit_rpm,
                1,
                unlimited_paths([SetupRoutes]),
                public_paths([SetupRoutes]),
            ),
            BodyLimit(BODY_BYTES, {UPLOAD_PATH: PIECE_BYTES}),
            OnlySetup(AllowedHosts(config.server.names), service),
        ]
    )
    add_error_handlers(app)
    pieces = BodyReader(PIECE_BYTES, config.server.body_timeout_s)
    upload = ModelUpload(store, config.engine.context_length)
    add_routes(app, [SetupRoutes], [SetupRoutes(service, download, upload, pieces)], bodies)
    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    metrics = HttpMetrics(CollectorRegistry())
    return Instrumentation(guarded, metrics, access_lines(config))


class _DownloadLifespan:
    """Starts and stops downloads with the process."""

    def __init__(self, download: ModelDownload) -> None:
        self._download = download

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self._download.start()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        await self._download.stop()


def _passed_sockets() -> list[socket.socket]:
    """Return the sockets that systemd passed to this process, if any."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=_FIRST_SYSTEMD_FD + number) for number in range(count)]
