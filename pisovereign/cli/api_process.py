"""`pisovereign api`: a small process that keeps workers, and what each worker imports and builds.

The master imports nothing of the app: Python writes to each object that it looks at, so that a
worker would soon have its own copy of all that it was forked with, and the master the other one.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.api_keys import KeyRing, load_owner_key
from pisovereign.config import Config
from pisovereign.errors import StartError
from pisovereign.http.server import ApiServer, Built
from pisovereign.languages import OTHERWISE
from pisovereign.locales import NOWHERE, terminal_language
from pisovereign.process.notify import Notifier
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.start_gate import wait_at_gate
from pisovereign.runtime import (
    Runtime,
    control_socket,
    engine_target,
    master_key_file,
    needs_setup,
    network_socket,
    privileged_socket,
    runner_socket,
    time_zone,
)
from pisovereign.telemetry.multiprocess import count_together, forget_log, remove_counts


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The start as the master knows it, for its workers.

    Attributes:
        config: What is configured.
        folder: The data folder.
        dsn: Where the database is.
        supervisor: The process that started this server, and ends it; None: there is none.
        server: The process of the master.
        started_at: When that started, in seconds since the epoch.
        gate: The side of a gate to wait at until the database may be used; None: it may.
    """

    config: Config
    folder: Path
    dsn: str
    supervisor: int | None
    server: int
    started_at: float
    gate: int | None


def run_api(
    config: Config,
    folder: Path,
    dsn: str,
    parent_pid: int | None,
    notifier: Notifier,
    *,
    gate: int | None = None,
    listeners: Sequence[int] = (),
) -> int:
    """Run the API process until it is told to stop.

    Args:
        config: What is configured.
        folder: The data folder.
        dsn: Where the database is; empty: where the configuration says.
        parent_pid: The process to end with; None: there is none.
        notifier: The way to systemd.
        gate: The side of a gate to wait at until the database may be used; None: it may.
        listeners: Sockets that are bound.
    """
    if needs_setup(config.setup, folder):
        raise StartError("this device is not set up: `pisovereign setup` comes first")
    if parent_pid is not None:
        # At once: database and engine end too, so nothing that goes on could be finished.
        die_with_parent(parent_pid, signal.SIGKILL)
    dsn = dsn or config.database.url
    if not dsn:
        raise StartError("`pisovereign api` needs database.url; `pisovereign serve` brings its own")
    counts = count_together(folder)  # before prometheus-client is imported
    server = os.getpid()
    start = Start(
        config=config,
        folder=folder,
        dsn=dsn,
        supervisor=parent_pid,
        server=server,
        started_at=time.time(),
        gate=gate,
    )
    try:
        ApiServer(config, partial(build_api, start), notifier, listeners=listeners).run()
    finally:
        if os.getpid() == server:  # each worker ends here too
            remove_counts(counts)
            if parent_pid is None:  # otherwise the supervisor does so
                forget_log(folder)
    return 0


def build_api(start: Start) -> Built:
    """Import and build what a worker serves; what needs no database comes before the gate.

    Raises:
        StartError: Something cannot be used.
    """
    gc.disable()  # nothing of what is imported and compiled below is garbage
    from pisovereign.assembly.rules import compile_rules  # noqa: PLC0415

    parser = compile_rules()
    from pisovereign.app import create_app  # noqa: PLC0415
    from pisovereign.tls.build import build_certificates  # noqa: PLC0415

    if start.gate is not None:
        wait_at_gate(start.gate)
    runtime = _runtime(start)
    built = Built(
        create_app(start.config, runtime, parser), build_certificates(start.config, start.folder)
    )
    gc.collect()
    gc.freeze()  # so no later collection looks at it
    gc.enable()
    return built


def _runtime(start: Start) -> Runtime:
    """Return where the API finds the database, the other programs, and its keys.

    Raises:
        StartError: the sealing key is missing, or is not the one of this database.
    """
    from pisovereign.storage.keys import check_key  # noqa: PLC0415
    from pisovereign.system.usage import service_groups  # noqa: PLC0415

    config, folder = start.config, start.folder
    master_key = check_key(config.database, start.dsn, master_key_file(folder))
    owner_key = load_owner_key(config.security, folder)
    return Runtime(
        database_dsn=start.dsn,
        engine_target=engine_target(config, folder),
        runner_socket=runner_socket(config.runner, folder),
        privileged_socket=privileged_socket(config.runner),
        network_socket=network_socket(config.runner),
        control_socket=None if start.supervisor is None else control_socket(folder),
        service_groups=service_groups(),
        master_key=master_key,
        owner_key=owner_key,
        trial_key=_trial_key(config),
        time_zone=_time_zone(config, start.dsn, KeyRing(config.security, owner_key).users()),
        language=terminal_language() or OTHERWISE,
        started_at=start.started_at,
        root_pid=start.supervisor or start.server,
    )


def _trial_key(config: Config) -> str | None:
    """Return the key of the check, if an update is being tried."""
    if not config.updates.socket:
        return None
    from pisovereign.updates.board import Board  # noqa: PLC0415
    from pisovereign.updates.trial import read_trial_key  # noqa: PLC0415

    return read_trial_key(Board(Path(config.updates.root)).run)


def _time_zone(config: Config, dsn: str, users: Sequence[UUID]) -> ZoneInfo:
    """Return the zone of the program; where nobody told this machine, that of its first person."""
    from pisovereign.accounts.profiles import chosen_zone  # noqa: PLC0415

    zone = time_zone(config.server)
    if config.server.time_zone or zone.key not in NOWHERE:
        return zone
    return chosen_zone(config.database, dsn, users) or zone
