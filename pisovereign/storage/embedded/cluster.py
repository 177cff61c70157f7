"""Create a cluster with its role and database, and choose the settings of its server."""

from __future__ import annotations

import logging
import shutil
import subprocess

from pisovereign.errors import StartError
from pisovereign.files import sync
from pisovereign.storage.embedded.binaries import Binaries
from pisovereign.storage.embedded.layout import Layout, make_private
from pisovereign.storage.embedded.process import ENVIRONMENT, dies_with_parent
from pisovereign.storage.roles import APP_ROLE

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
    """Create the cluster under another name, and rename it when it is complete.

    Args:
        binaries: The programs.
        layout: The places.
        auth: PostgreSQL's authentication method for the socket.

    Raises:
        StartError: initdb failed; the text contains its message.
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
    """Return the command line of the server, whose settings override those of the cluster."""
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
        # Nothing is replicated, for which a process would wait.
        "max_logical_replication_workers": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
        # The log never quotes statements or rows.
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        # One every five minutes would be all that the log of a year says.
        "log_checkpoints": "off",
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


DATABASE = "pisovereign"


def create_database(dsn: str) -> None:
    """Create the login role and the database, unless they exist.

    Args:
        dsn: A login as the superuser of the cluster, to its first database.

    Raises:
        StartError: The server refused.
    """
    # Imported here: whoever keeps the server running needs them once at most.
    import psycopg  # noqa: PLC0415
    from psycopg import sql  # noqa: PLC0415

    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            known = connection.execute(
                "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s),"
                " EXISTS (SELECT FROM pg_database WHERE datname = %s)",
                (APP_ROLE, DATABASE),
            ).fetchone()
            has_role, has_database = known or (False, False)
            if not has_role:
                role = sql.Identifier(APP_ROLE)
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            if not has_database:
                database = sql.Identifier(DATABASE)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    except psycopg.Error as error:
        raise StartError(f"the database cannot be set up: {error}") from error
