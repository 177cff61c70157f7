"""Prepare the database on a device: the cluster, the role and the tables."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import service_account
from pisovereign.storage.embedded.binaries import available, choose, usable_binaries
from pisovereign.storage.embedded.cluster import DATABASE, OWNER, create_cluster, create_database
from pisovereign.storage.embedded.layout import SHARED, Layout
from pisovereign.storage.migrate import run_migrations
from pisovereign.updates.board import Board
from pisovereign.updates.database import prepare_database
from pisovereign.updates.state import read_state
from pisovereign.updates.trial import is_tried, is_unchecked_trial


def ensure_cluster(home: Path) -> None:
    """Create `home/cluster` if it is missing, completely or not at all.

    To be run as the account that the server is to run as. Logins are by the account that connects.

    Raises:
        StartError: it cannot be made.
    """
    cluster = home / "cluster"
    if cluster.exists():
        return
    account = service_account(cluster)
    binaries = usable_binaries(choose(available(), None, cluster), account, SHARED)
    layout = Layout(account, cluster, home / "socket", home / "postgres.log", None)
    create_cluster(binaries, layout, auth="peer")


BACKUP_ROLE = "pisovereign_backup"
"""The role that makes backups: it may read every row, and write none."""


def ensure_schema(socket: Path, root: Path = Path("/")) -> None:
    """Create what is missing; if this is killed, the next call completes it.

    In a system that is tried the database is copied before it is changed; in the one before, after
    a trial that did not work, the copy takes its place again.

    Args:
        socket: the folder with the server's socket.
        root: of the system that runs.

    Raises:
        StartError: the server refused, its database is newer than this program, or this system is
            tried and nothing will check it.
    """
    maintenance = make_conninfo(host=str(socket), user=OWNER, dbname=OWNER)
    create_database(maintenance)
    board = Board(root)
    state, tried = read_state(board.state), is_tried(board.run)
    if not tried and is_unchecked_trial(board, state):
        raise StartError(
            "this update is being tried, and its check did not begin: switch the device off and on"
            " again, which leads back to the system before"
        )
    prepare_database(maintenance, DATABASE, state, tried=tried)
    dsn = make_conninfo(host=str(socket), user=OWNER, dbname=DATABASE)
    run_migrations(dsn)
    _ensure_backup_role(dsn)


def _ensure_backup_role(dsn: str) -> None:
    role = sql.Identifier(BACKUP_ROLE)
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if connection.execute(query, (BACKUP_ROLE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS").format(role))
            connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
    except psycopg.Error as error:
        raise StartError(f"the role for backups cannot be made: {error}") from error
