"""The API process: gunicorn with the uvicorn worker, and what systemd is told of it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import Config as UvicornConfig
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.config import Config
from pisovereign.http.connections import MOST_OF_ALL, Connections
from pisovereign.http.protocol import BoundedProtocol
from pisovereign.process.notify import Notifier, keep_alive
from pisovereign.process.open_files import allow_open_files
from pisovereign.process.parent_death import die_with_parent
from pisovereign.tls.certificates import Certificates

KEEP_ALIVE_S = 75
HANDSHAKE_WITHIN_S = 10.0
_OTHER_FILES = 1024  # of a worker: the database's, the engine's, those of services outside
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
        self._connections = Connections(self.app.trusted_proxies)
        self.config.http = partial(BoundedProtocol, counted=self._connections)
        # The base class takes it apart; without a handler its lines have neither time nor bound.
        logging.getLogger("uvicorn.error").propagate = True

    async def _serve(self) -> None:
        """Serve as the base class does, with TLS on one of the ports."""
        self.config.app = self.wsgi
        server = TlsServer(self.config, self._connections, self.app.certificates, self.app.tls_port)
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


class TlsServer(Server):
    """uvicorn's server, which has either TLS or none, with TLS on one of its ports.

    Args:
        config: uvicorn's configuration.
        connections: The connections of this process.
        certificates: The certificate; None: no port has TLS.
        port: Which port has it.
    """

    def __init__(
        self,
        config: UvicornConfig,
        connections: Connections,
        certificates: Certificates | None,
        port: int,
    ) -> None:
        super().__init__(config)
        self._connections = connections
        self._certificates = certificates
        self._port = port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, those with TLS as soon as the others."""
        certificates = self._certificates
        if certificates is None or sockets is None:
            await super().startup(sockets)
            return
        secure = [each for each in sockets if each.getsockname()[1] == self._port]
        await super().startup([each for each in sockets if each not in secure])
        certificates.start()
        loop = asyncio.get_running_loop()
        for each in secure:
            self.servers.append(
                await loop.create_server(
                    self._protocol,
                    sock=each,
                    ssl=certificates.context,
                    ssl_handshake_timeout=HANDSHAKE_WITHIN_S,
                    backlog=self.config.backlog,
                )
            )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, and end when what goes on is done."""
        if self._certificates is not None:
            await self._certificates.stop()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        return BoundedProtocol(
            counted=self._connections,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )


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

    It listens on the sockets that systemd or the supervisor handed over, else where the
    configuration says.

    Args:
        config: The configuration.
        build: Makes the app of a worker.
        notifier: The way to systemd.
        certificates: TLS; None: there is none.
        listeners: Descriptors of sockets that are bound.

    Attributes:
        certificates: TLS for `tls_port`; None: there is none.
        tls_port: The port that has it.
        trusted_proxies: Addresses and networks of proxies.
    """

    def __init__(
        self,
        config: Config,
        build: Callable[[], AsgiApp],
        notifier: Notifier,
        certificates: Certificates | None,
        *,
        listeners: Sequence[int] = (),
    ) -> None:
        self._listeners = listeners
        self.certificates = certificates
        self.tls_port = config.tls.port
        self.trusted_proxies = config.server.trusted_proxies
        self._config = config
        self._build = build
        self._notifier = notifier
        super().__init__()

    def load_config(self) -> None:
        """Pass our settings to gunicorn."""
        server = self._config.server
        host = f"[{server.host}]" if ":" in server.host else server.host
        ports = (server.port,) if self.certificates is None else (server.port, self.tls_port)
        settings = {
            "bind": [f"fd://{each}" for each in self._listeners]
            or [f"{host}:{port}" for port in ports],
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

    def run(self) -> None:
        """Serve until a signal says to stop."""
        allow_open_files(MOST_OF_ALL + _OTHER_FILES)
        super().run()

    def load(self) -> AsgiApp:
        """Build the app; called in each worker."""
        return SystemdReadiness(self._build(), self._notifier)


def _die_with_master(server: Any, worker: Any) -> None:
    die_with_parent(worker.ppid, signal.SIGKILL)


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
