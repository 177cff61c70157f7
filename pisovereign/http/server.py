"""The API process: gunicorn with the uvicorn worker, and what systemd is told of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead
from uvicorn_worker import UvicornWorker

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.config import Config
from pisovereign.http.protocol import BoundedProtocol
from pisovereign.process.notify import Notifier, keep_alive
from pisovereign.process.parent_death import die_with_parent

KEEP_ALIVE_S = 75
BLOCKED_LOOP_S = 30  # a worker whose event loop stands still this long is replaced


class ApiWorker(UvicornWorker):  # type: ignore[misc]
    """uvicorn's worker with our protocol choices."""

    CONFIG_KWARGS = {  # noqa: RUF012 - the base class's own form
        "loop": "uvloop",
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        # uvicorn would believe X-Forwarded-For from loopback; `ClientAddress` decides instead.
        "proxy_headers": False,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.config.timeout_graceful_shutdown = self.cfg.graceful_timeout


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's messages through the program's own logging."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers to the root logger."""
        super().setup(cfg)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class ApiServer(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured by our configuration and nothing else (no files, no environment).

    It listens on the sockets that systemd handed over, else where the configuration says.
    """

    def __init__(self, config: Config, build: Callable[[], AsgiApp], notifier: Notifier) -> None:
        self._config = config
        self._build = build
        self._notifier = notifier
        super().__init__()

    def load_config(self) -> None:
        """Pass our settings to gunicorn."""
        server = self._config.server
        host = f"[{server.host}]" if ":" in server.host else server.host
        settings = {
            "bind": f"{host}:{server.port}",
            "workers": server.workers,
            "worker_class": ApiWorker,
            "logger_class": QuietLogger,
            "graceful_timeout": server.shutdown_grace_s,
            "timeout": BLOCKED_LOOP_S,
            "keepalive": KEEP_ALIVE_S,
            "control_socket_disable": True,
            "post_fork": _die_with_master,
            "child_exit": _stop_counting,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> AsgiApp:
        """Build the app; called in each worker."""
        return SystemdReadiness(self._build(), self._notifier)


def _die_with_master(server: Any, worker: Any) -> None:
    die_with_parent(worker.ppid)


def _stop_counting(server: Any, worker: Any) -> None:
    """Keep what a worker has counted, but not what was going on in it."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class SystemdReadiness:
    """An ASGI app around a worker's: tells systemd when it serves, and that its event loop turns.

    Each worker does: one that stands still is replaced by the master, and only when all do is the
    whole server started again.
    """

    def __init__(self, app: AsgiApp, notifier: Notifier) -> None:
        self._app = app
        self._notifier = notifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, and notify when the start is complete."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        keeping_alive: asyncio.Task[None] | None = None

        async def follow(message: Message) -> None:
            nonlocal keeping_alive
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._notifier.ready()
                keeping_alive = asyncio.create_task(keep_alive(self._notifier, lambda: True))

        try:
            await self._app(scope, receive, follow)
        finally:
            if keeping_alive is not None:
                keeping_alive.cancel()
