"""Role, database and tables, up to this version of the program."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pisovereign.errors import StartError
from pisovereign.storage.embedded.cluster import OWNER
from pisovereign.storage.embedded.database import DATABASE, create_database
from pisovereign.storage.migrate import run_migrations

BACKUP_ROLE = "pisovereign_backup"
"""The role that backups are made as: it reads every row, and writes none."""


def ensure_schema(socket: Path) -> None:
    """Make what is missing; killed at any moment, the next call goes on.

    Args:
        socket: the folder with the server's socket.

    Raises:
        StartError: the server refused, or its database is newer than this program.
    """
    create_database(make_conninfo(host=str(socket), user=OWNER, dbname=OWNER))
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
