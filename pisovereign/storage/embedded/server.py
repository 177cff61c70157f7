"""EmbeddedServer: a PostgreSQL server that lives and dies with this process."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.storage.embedded.binaries import (
    available,
    choose,
    cluster_version,
    usable_binaries,
)
from pisovereign.storage.embedded.cluster import (
    DATABASE,
    OWNER,
    PORT,
    create_cluster,
    create_database,
    server_command,
)
from pisovereign.storage.embedded.layout import (
    SHARED,
    Layout,
    make_private,
    plan_layout,
    postgres_folder,
)
from pisovereign.storage.embedded.leftovers import FolderLock, clear_leftovers
from pisovereign.storage.embedded.ping import Answer, ping
from pisovereign.storage.embedded.process import ServerProcess
from pisovereign.storage.roles import APP_ROLE

_log = logging.getLogger(__name__)
_READY_LIMIT_S = 60.0
# A server that answers "starting up" replays its log, which takes long on a slow card.
_RECOVERY_LIMIT_S = 600.0
_RETRY_LIMIT_S = 60.0
_POLL_S = 0.05
_RETRY_PAUSE_S = 0.1
# The processes of a killed server hold its shared memory until they notice.
_HELD_BY_KILLED_SERVER = ("pre-existing shared memory block", "already exists")


class EmbeddedServer:
    """The PostgreSQL server of one data folder.

    `start` and `stop` block. After the server died (`wait` returned), `start` starts it again with
    the same addresses. Only one EmbeddedServer at a time, in all processes, can hold a data folder.

    Args:
        data_dir: The data folder.
        shared: Where clusters are that another user runs.
        create: Makes role and database where they are missing, given a DSN of the superuser.
    """

    def __init__(
        self,
        data_dir: Path,
        shared: Path = SHARED,
        create: Callable[[str], None] = create_database,
    ) -> None:
        self._create = create
        self._data_dir = data_dir.absolute()
        self._shared = shared
        self._folder_lock: FolderLock | None = None
        self._layout: Layout | None = None
        self._process: ServerProcess | None = None

    def start(self) -> None:
        """Start the server, creating it the first time, and return when it accepts connections.

        Raises:
            StartError: it cannot be started; the text says why and what to do.
        """
        if self._process is not None and self.returncode is None:
            return
        folder = postgres_folder(self._data_dir)
        if self._folder_lock is None:
            self._folder_lock = FolderLock(folder / "lock")
        self._folder_lock.acquire()
        try:
            self._layout = plan_layout(folder, self._shared)
            self._run(self._command(self._layout), self._layout)
            self._create(self._dsn(OWNER, OWNER))
        except BaseException:
            self.stop()
            raise

    def planned_dsn(self) -> str | None:
        """Return what `app_dsn` will be once it was started; None: there is no cluster yet.

        Raises:
            StartError: the cluster is gone, or its owner cannot reach it.
        """
        layout = plan_layout(postgres_folder(self._data_dir), self._shared)
        return _dsn(layout, APP_ROLE, DATABASE) if layout.cluster.exists() else None

    def stop(self) -> None:
        """Stop the server and release the data folder; safe to call at any time, and twice."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._layout is not None:
            self._layout.discard_socket_folder()
        if self._folder_lock is not None:
            self._folder_lock.release()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait up to `timeout` seconds for the server to end; return None if it still runs."""
        return self._process.wait(timeout) if self._process else None

    @property
    def returncode(self) -> int | None:
        """Return how the server ended (negative: by that signal), or None while it runs."""
        return self._process.returncode if self._process else None

    @property
    def pid(self) -> int | None:
        """Return the process id of the main process of the server."""
        return self._process.pid if self._process else None

    @property
    def owner_dsn(self) -> str:
        """Return a DSN as the owner of the tables, for migrations and backups only."""
        return self._dsn(OWNER, DATABASE)

    @property
    def app_dsn(self) -> str:
        """Return a DSN as the role of the program, to which row-level security applies."""
        return self._dsn(APP_ROLE, DATABASE)

    def _dsn(self, user: str, database: str) -> str:
        if self._layout is None:
            raise RuntimeError("the server was not started yet")
        return _dsn(self._layout, user, database)

    def _command(self, layout: Layout) -> list[str]:
        """Prepare everything on the disk, and return the command line of the server."""
        binaries = choose(available(), cluster_version(layout.cluster), layout.cluster)
        binaries = usable_binaries(binaries, layout.account, self._shared)
        layout.prepare()
        if not layout.cluster.exists():
            create_cluster(binaries, layout)
        layout.record()
        make_private(layout.socket, layout.account)
        return server_command(binaries, layout)

    def _run(self, command: list[str], layout: Layout) -> None:
        """Start the process and wait until it is ready; retry while a killed one is in the way."""
        clear_leftovers(layout)
        deadline = time.monotonic() + _RETRY_LIMIT_S
        while True:
            self._process = ServerProcess(command, layout.account, layout.log)
            self._process.start()
            if self._becomes_ready(self._process):
                return
            words = self._process.log_tail()
            held = any(reason in words for reason in _HELD_BY_KILLED_SERVER)
            if not held or time.monotonic() > deadline:
                raise StartError(f"the database server does not start: {words} (see {layout.log})")
            _log.info("waiting for the processes of a killed database server to end")
            time.sleep(_RETRY_PAUSE_S)

    def _becomes_ready(self, process: ServerProcess) -> bool:
        """Wait until connections are accepted; return False if the process ended instead."""
        assert self._layout is not None, "it was planned before the process was started"
        started = time.monotonic()
        said = started
        while process.wait(_POLL_S) is None:
            answer = ping(self._layout.socket, PORT, OWNER)
            if answer == Answer.READY:
                return True
            now = time.monotonic()
            limit = _RECOVERY_LIMIT_S if answer == Answer.STARTING else _READY_LIMIT_S
            if now - started > limit:
                raise StartError(
                    f"the database server is not ready after {limit:.0f} s: {process.log_tail()}"
                )
            if now - said > 10:
                _log.info("the database server is still starting (%.0f s)", now - started)
                said = now
        return False


def _dsn(layout: Layout, user: str, database: str) -> str:
    """Return a DSN in which what stands in the folder's name says nothing else."""
    host = re.sub(r"([\\'])", r"\\\1", str(layout.socket))
    return f"host='{host}' port={PORT} user={user} dbname={database} connect_timeout=5"


def running_server(data_dir: Path, shared: Path = SHARED) -> str | None:
    """Return the DSN of the owner of the tables, or None if no server runs for this data folder.

    Raises:
        StartError: The cluster is gone, or belongs to another user.
    """
    folder = data_dir.absolute() / "postgres"
    if not folder.exists():
        return None
    layout = plan_layout(folder, shared)
    ready = ping(layout.socket, PORT, OWNER) == Answer.READY
    return _dsn(layout, OWNER, DATABASE) if ready else None
