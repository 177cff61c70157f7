"""The server of a worker of the API: uvicorn, on one of its ports with TLS."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, Protocol

from uvicorn._compat import asyncio_run
from uvicorn.config import Config as UvicornConfig
from uvicorn.server import Server

from pisovereign.asgi.types import AsgiApp, Message, Receive, Scope, Send
from pisovereign.http.connections import MOST_OF_ALL, Connections
from pisovereign.http.protocol import BoundedProtocol
from pisovereign.process.notify import Notifier, keep_alive
from pisovereign.process.open_files import allow_open_files
from pisovereign.tls.certificates import Certificates

HANDSHAKE_WITHIN_S = 10.0
_OTHER_FILES = 1024  # the database's, the engine's, those of services outside


class ServedWorker(Protocol):
    """gunicorn's worker, as far as it is needed here; `timeout` is in seconds."""

    app: Any
    cfg: Any
    sockets: list[socket.socket]
    timeout: float
    notify: Callable[[], None]
    handle_exit: Callable[[int, FrameType | None], None]


def serve(worker: ServedWorker, app: AsgiApp, certificates: Certificates | None) -> bool:
    """Serve until a signal says to stop; return whether the start was complete."""
    allow_open_files(MOST_OF_ALL + _OTHER_FILES)

    async def tell_master() -> None:
        worker.notify()

    connections = Connections(worker.app.trusted_proxies)
    config = UvicornConfig(
        app,
        loop="uvloop",
        http=partial(BoundedProtocol, counted=connections),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn would believe X-Forwarded-For from loopback; `ClientAddress` decides instead.
        proxy_headers=False,
        backlog=worker.cfg.backlog,
        timeout_keep_alive=worker.cfg.keepalive,
        timeout_notify=int(worker.timeout),
        timeout_graceful_shutdown=worker.cfg.graceful_timeout,
        callback_notify=tell_master,
    )
    server = TlsServer(config, connections, certificates, worker.app.tls_port)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGQUIT, worker.handle_exit, signal.SIGQUIT, None)
        await server.serve(sockets=worker.sockets)

    asyncio_run(run(), loop_factory=config.get_loop_factory())
    return server.started


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
