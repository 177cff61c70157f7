"""The API process: gunicorn, which keeps workers that serve."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from pisovereign.config import Config
from pisovereign.errors import PiSovereignError, StartError
from pisovereign.process.notify import Notifier
from pisovereign.process.parent_death import die_with_parent

if TYPE_CHECKING:
    from pisovereign.asgi.types import AsgiApp
    from pisovereign.tls.certificates import Certificates

KEEP_ALIVE_S = 75
BLOCKED_LOOP_S = 30  # a worker whose event loop stands still this long is replaced


class Built(NamedTuple):
    """The app that a worker serves, and the TLS of one of its ports; None: none has any."""

    app: AsgiApp
    certificates: Certificates | None


class ApiWorker(Worker):  # type: ignore[misc]
    """A worker that imports what it serves with after it was forked, and not in the master."""

    def init_signals(self) -> None:
        """Have signals do what they do by themselves; uvicorn sets its own."""
        for each in self.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, self.handle_usr1)
        signal.siginterrupt(signal.SIGUSR1, False)

    def load_wsgi(self) -> None:
        """Build what is served; report in one line what cannot be used, and end the server."""
        try:
            with _signs_of_life(self.notify, self.timeout):
                self.wsgi = self.app.wsgi()
        except (StartError, PiSovereignError) as error:
            print(f"pisovereign: {error}", file=sys.stderr, flush=True)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        """Serve until a signal says to stop."""
        from pisovereign.http.serving import serve  # noqa: PLC0415

        if not serve(self, self.wsgi.app, self.wsgi.certificates):
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


@contextmanager
def _signs_of_life(notify: Callable[[], None], pause_s: float) -> Iterator[None]:
    """Tell the master that a worker works, which imports, or waits for the database."""
    over = threading.Event()

    def tell() -> None:
        while not over.wait(pause_s):
            notify()

    thread = threading.Thread(target=tell, name="signs-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
        build: Makes what a worker serves; called in each of them.
        notifier: The way to systemd.
        listeners: Descriptors of sockets that are bound.

    Attributes:
        tls_port: The port that has TLS, if any has.
        trusted_proxies: Addresses and networks of proxies.
    """

    def __init__(
        self,
        config: Config,
        build: Callable[[], Built],
        notifier: Notifier,
        *,
        listeners: Sequence[int] = (),
    ) -> None:
        self._listeners = listeners
        self.tls_port = config.tls.port
        self.trusted_proxies = config.server.trusted_proxies
        self._config = config
        self._build = build
        self._notifier = notifier
        super().__init__()

    def load_config(self) -> None:
        """Pass our settings to gunicorn."""
        server, tls = self._config.server, self._config.tls
        host = f"[{server.host}]" if ":" in server.host else server.host
        ports = (server.port,) if tls.mode == "off" else (server.port, tls.port)
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

    def load(self) -> Built:
        """Build what is served; called in each worker."""
        from pisovereign.http.serving import SystemdReadiness  # noqa: PLC0415

        app, certificates = self._build()
        return Built(SystemdReadiness(app, self._notifier), certificates)


def _die_with_master(server: Any, worker: Any) -> None:
    die_with_parent(worker.ppid, signal.SIGKILL)


def _stop_counting(server: Any, worker: Any) -> None:
    """Keep what a worker has counted, but not what was going on in it."""
    # Imported here, since workers rarely end.
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
