"""The set-up process: uvicorn alone, until everything is written."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import uvicorn

from pisovereign.config import Config
from pisovereign.http.protocol import BoundedProtocol
from pisovereign.runtime import setup_code_file
from pisovereign.setup.app import create_setup_app

_FIRST_PASSED = 3  # where systemd puts the sockets that it holds


def run_setup(config: Config, data_dir: Path, models_dir: Path, config_file: Path) -> None:
    """Serve until set-up is done, or a signal ends it."""

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


def _passed_sockets() -> list[socket.socket]:
    """The sockets that systemd listens on for this process, if it does."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=_FIRST_PASSED + number) for number in range(count)]
