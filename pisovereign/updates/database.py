"""The database in a trial: a copy before the new system changes its tables, and the way back to it.

Migrations only go forward, and an older program refuses tables that a newer one has changed. So the
new system, while it is tried, copies the database before it changes anything; and the old one, when
it finds itself with tables that are too new, takes the copy. Since nobody is served during a trial,
nothing that was acknowledged is lost by that. PostgreSQL does each step wholly or not at all.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pisovereign.errors import StartError
from pisovereign.storage.migrate import MIGRATIONS_TABLE, packaged_migrations
from pisovereign.updates.state import UpdateState

_log = logging.getLogger(__name__)
_BEFORE, _TRIED = "pisovereign_before_", "pisovereign_tried_"
# Of one that was kept, everything since is in the database; the copy is no way back then.
_NOT_KEPT = ("trying", "rolled_back")
_ID = re.compile(r"^[0-9a-f]{8}\Z")


def prepare_database(
    maintenance: str,
    database: str,
    state: UpdateState | None,
    *,
    tried: bool,
    newest: int | None = None,
) -> None:
    """Copy the database, take a copy back, or drop what is not needed any more.

    To be called before migrations, by the owner of the tables, while nobody else is connected.

    Args:
        maintenance: a login as the owner to another database than the one that is copied.
        database: the name of that one.
        state: the last update.
        tried: whether the system that runs is being tried now.
        newest: the newest migration of this program; None: of those that are packaged.

    Raises:
        StartError: the server refuses, or has no room for a copy.
    """
    if state is None or not _ID.match(state.id):
        return
    last = packaged_migrations()[-1].version if newest is None else newest
    try:
        found = _applied(maintenance, database)
        with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
            if tried and 0 < found < last:
                _copy(connection, database, f"{_BEFORE}{state.id}")
            elif not tried and found > last and state.stage in _NOT_KEPT:
                _take_back(connection, maintenance, database, state.id, last)
            elif not tried and found <= last:
                _drop(connection)
    except psycopg.Error as error:
        text = str(error).partition("\n")[0]
        raise StartError(f"the database cannot be copied or taken back: {text}") from error


def _applied(maintenance: str, database: str) -> int:
    """Return the newest migration that was applied; 0: none was."""
    dsn = make_conninfo(maintenance, dbname=database)
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute("SELECT to_regclass(%s)", (MIGRATIONS_TABLE,)).fetchone()
        if row is None or row[0] is None:
            return 0
        query = sql.SQL("SELECT coalesce(max(version), 0) FROM {}")
        row = connection.execute(query.format(sql.Identifier(MIGRATIONS_TABLE))).fetchone()
        return int(row[0]) if row else 0


def _copy(connection: psycopg.Connection[Any], database: str, copy: str) -> None:
    # One that is there was made in this trial, before anything was changed.
    if not _exists(connection, copy):
        _log.info("copying the database before its tables are changed")
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(command.format(sql.Identifier(copy), sql.Identifier(database)))


def _take_back(
    connection: psycopg.Connection[Any], maintenance: str, database: str, update: str, newest: int
) -> None:
    copy, tried = f"{_BEFORE}{update}", f"{_TRIED}{update}"
    # Without one that fits, the migrations refuse the start, and say why.
    if not _exists(connection, copy) or _applied(maintenance, copy) > newest:
        return
    _log.warning("the update did not work: taking back the database from before it")
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    names = [sql.Identifier(name) for name in (database, tried, copy)]
    with connection.transaction():
        connection.execute(rename.format(names[0], names[1]))
        connection.execute(rename.format(names[2], names[0]))
    _drop(connection)


def _drop(connection: psycopg.Connection[Any]) -> None:
    """Drop every copy, and what was tried."""
    rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    for (name,) in rows:
        prefix = next((it for it in (_BEFORE, _TRIED) if name.startswith(it)), None)
        if prefix is not None and _ID.match(name.removeprefix(prefix)):
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, (name,)).fetchone() is not None
