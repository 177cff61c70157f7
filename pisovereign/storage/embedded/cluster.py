"""Making a cluster, and the settings its server runs with."""

from __future__ import annotations

import logging
import shutil
import subprocess

from pisovereign.errors import StartError
from pisovereign.files import sync
from pisovereign.storage.embedded.binaries import Binaries
from pisovereign.storage.embedded.layout import Layout, make_private
from pisovereign.storage.embedded.process import ENVIRONMENT, dies_with_parent

OWNER = "postgres"
"""The superuser of an embedded cluster, who owns the tables."""

PORT = 5432
"""Only part of the socket's name: the server listens on no network."""

_log = logging.getLogger(__name__)
_INITDB_LIMIT_S = 300
# From this version on PostgreSQL brings its own C.UTF-8, independent of the system's.
_BUILTIN_LOCALE_SINCE = 17
# From this version on reads may use worker processes, which cost memory on a small board.
_IO_METHOD_SINCE = 18


def create_cluster(binaries: Binaries, layout: Layout, auth: str = "trust") -> None:
    """Make the cluster under another name and rename it when it is complete.

    Args:
        binaries: the programs.
        layout: the places.
        auth: how those who may open the socket log in, in PostgreSQL's words.

    Raises:
        StartError: initdb failed; the text holds what it said.
    """
    _log.info("creating the database in %s (once, a few seconds)", layout.cluster)
    unfinished = layout.cluster.with_name("cluster.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_private(unfinished, layout.account)
    command = [
        str(binaries.program("initdb")),
        f"--pgdata={unfinished}",
        f"--username={OWNER}",
        "--encoding=UTF8",
        *_locale(binaries.major),
        "--data-checksums",
        # Usually who may open the socket's folder may log in; nobody can from a network.
        f"--auth-local={auth}",
        "--auth-host=reject",
        "--no-instructions",
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=ENVIRONMENT,
            timeout=_INITDB_LIMIT_S,
            preexec_fn=dies_with_parent("SIGKILL"),
            check=False,
            **layout.account.identity,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"the database cannot be created: {error}") from error
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())
        raise StartError(f"the database cannot be created in {layout.cluster}: {reason}")
    unfinished.rename(layout.cluster)
    sync(layout.cluster.parent)


def server_command(binaries: Binaries, layout: Layout) -> list[str]:
    """The command line of the server; its settings win over those in the cluster's files."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(layout.socket),
        "unix_socket_permissions": "0600",
        # What is acknowledged is on the disk, also after a power cut.
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # Less wear on an SD card.
        "wal_compression": "on",
        # Sized for a board of 4 to 8 GB that also holds a model.
        "shared_buffers": "32MB",
        "max_connections": "40",
        "jit": "off",
        # pgvector before 0.8.2 can read past a buffer in a parallel HNSW build.
        "max_parallel_maintenance_workers": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
        # The log never quotes statements or rows.
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if binaries.major >= _IO_METHOD_SINCE:
        settings["io_method"] = "sync"
    command = [str(binaries.program("postgres")), "-D", str(layout.cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def _locale(major: int) -> list[str]:
    if major >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]
