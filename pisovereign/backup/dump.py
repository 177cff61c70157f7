"""Dump a database to records, as it was at one moment, while others go on writing.

Everything is read in one repeatable-read transaction, so all tables are of the same moment. Rows
are read with COPY in its text format, which every version of PostgreSQL understands. The schema is
not in the backup, since migrations create it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg import sql

from pisovereign.backup.format import Record, Rows, Sequences, Step, Table, TableEnd
from pisovereign.errors import StartError
from pisovereign.storage.migrate import MIGRATIONS_TABLE, share_schema_lock

Connection = psycopg.Connection[tuple[Any, ...]]

# Rows are gathered into records of about this size.
_PIECE = 256 * 1024
_STATEMENT_LIMIT = "1h"
LEFT_OUT = frozenset(
    ("sessions", "sign_in_codes", "passkey_challenges", "system_samples", "channel_codes")
)
"""Tables that a backup has without their rows: who was signed out stays so after a restore, and
what was measured on one device means nothing on another."""
_SETTINGS = {
    "statement_timeout": _STATEMENT_LIMIT,
    "idle_in_transaction_session_timeout": _STATEMENT_LIMIT,
    "lock_timeout": "60s",
    # A row that a policy would hide is an error, not a gap.
    "row_security": "off",
    # The sums of what each user keeps are rows of the backup.
    "pisovereign.storage_counted": "off",
    "client_encoding": "UTF8",
    "bytea_output": "hex",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "timezone": "UTC",
}
_TABLES = """
SELECT c.relname
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> %s
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
_REFERENCES = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = current_schema()::regnamespace
"""
_SEQUENCES = """
SELECT sequencename, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1
"""


class Snapshot:
    """A database at one moment, which `snapshot` opens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def steps(self) -> list[Step]:
        """Return the migrations that were applied."""
        query = sql.SQL("SELECT version, name, sha256 FROM {} ORDER BY version").format(
            sql.Identifier(MIGRATIONS_TABLE)
        )
        return [Step(*row) for row in self._connection.execute(query)]

    def key_ids(self) -> set[str]:
        """Return the ids of the keys that text is sealed with."""
        return {row[0] for row in self._connection.execute("SELECT key_id FROM sealing_keys")}

    def records(self) -> Iterator[Record]:
        """Yield all tables, each after those that it refers to, and then the sequences."""
        for name in tables(self._connection):
            yield from self._table(name)
        # Read last: sequences are not part of the snapshot, but may be ahead of it.
        yield Sequences(dict(self._connection.execute(_SEQUENCES).fetchall()))

    def _table(self, name: str) -> Iterator[Record]:
        columns = columns_of(self._connection, name)
        yield Table(name, columns)
        if name in LEFT_OUT:
            yield TableEnd(0)
            return
        waiting, rows = bytearray(), 0
        with self._connection.cursor().copy(copy_statement(name, columns, "TO STDOUT")) as copy:
            for row in copy:
                waiting += row
                rows += 1
                if len(waiting) >= _PIECE:
                    yield Rows(bytes(waiting))
                    waiting.clear()
        if waiting:
            yield Rows(bytes(waiting))
        yield TableEnd(rows)


@contextmanager
def snapshot(owner_dsn: str) -> Iterator[Snapshot]:
    """Open a database as it is now; upgrades of its schema wait until the end.

    Raises:
        StartError: It cannot be read completely.
    """
    try:
        with psycopg.connect(owner_dsn, connect_timeout=10, autocommit=True) as connection:
            prepare_session(connection)
            share_schema_lock(connection)
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Snapshot(connection)
            connection.execute("COMMIT")
    except pg.UndefinedTable:
        raise StartError("the database is empty: there is nothing to back up") from None
    except psycopg.Error as error:
        raise StartError(f"the database cannot be read: {first_line(error)}") from error


def prepare_session(connection: Connection) -> None:
    """Set limits and the format of values, and require the right to read every row.

    Raises:
        StartError: The login may not read every user's rows.
    """
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row is None or not row[0]:
        name = row[1] if row else "the login"
        raise StartError(
            f"the database user {name} may not read every user's rows, which a backup has to;"
            f" as an administrator run: ALTER ROLE {name} BYPASSRLS"
        )


def tables(connection: Connection) -> list[str]:
    """Return the tables of the program, each after those that it refers to."""
    found = [row[0] for row in connection.execute(_TABLES, (MIGRATIONS_TABLE,))]
    before: dict[str, set[str]] = {name: set() for name in found}
    for name, other in connection.execute(_REFERENCES):
        before[name].add(other)
    return [name for name in TopologicalSorter(before).static_order() if name in set(found)]


def columns_of(connection: Connection, table: str) -> list[str]:
    """Return the columns of a table that are stored and not generated."""
    return [row[0] for row in connection.execute(_COLUMNS, (table,))]


def copy_statement(table: str, columns: list[str], direction: str) -> sql.Composed:
    """Return the COPY statement for a table, `TO STDOUT` or `FROM STDIN`."""
    return sql.SQL("COPY {} ({}) {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL("TO STDOUT" if direction == "TO STDOUT" else "FROM STDIN"),
    )


def first_line(error: psycopg.Error) -> str:
    """Return the message of a database error, without the lines that may quote rows."""
    return str(error).partition("\n")[0]
