"""Role, database and tables, up to this version of the program."""

from __future__ import annotations

from pathlib import Path

from psycopg.conninfo import make_conninfo

from pisovereign.storage.embedded.cluster import OWNER
from pisovereign.storage.embedded.database import DATABASE, create_database
from pisovereign.storage.migrate import run_migrations


def ensure_schema(socket: Path) -> None:
    """Make what is missing; killed at any moment, the next call goes on.

    Args:
        socket: the folder with the server's socket.

    Raises:
        StartError: the server refused, or its database is newer than this program.
    """
    create_database(make_conninfo(host=str(socket), user=OWNER, dbname=OWNER))
    run_migrations(make_conninfo(host=str(socket), user=OWNER, dbname=DATABASE))
