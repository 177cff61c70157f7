"""Load records into a database that has none of our tables yet, in one transaction.

The schema is created as it was in the backup, the rows are copied in, and then the newer migrations
run, as they would have on the old machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import LiteralString

import psycopg
from psycopg import sql

from pisovereign.backup.dump import (
    LEFT_OUT,
    Connection,
    columns_of,
    copy_statement,
    first_line,
    prepare_session,
    tables,
)
from pisovereign.backup.errors import BackupUnreadable, TooNew
from pisovereign.backup.format import Manifest, Record, Rows, Sequences, Table, TableEnd
from pisovereign.errors import StartError
from pisovereign.storage.migrate import (
    MIGRATIONS_TABLE,
    Migration,
    apply_migrations,
    lock_schema,
    packaged_migrations,
)

# The run that made this backup stands in it as not done: it is over.
_FORGET_RUNS = "DELETE FROM jobs WHERE queue = 'backups'"
# Messages that were waiting then may have been sent since. The program reports them and does not
# send them again, as after a crash.
_MARK_UNCERTAIN = """
UPDATE jobs SET state = 'running', lease_until = now()
WHERE queue LIKE 'outbox.%' AND state IN ('waiting', 'running')
"""


def known_migrations(manifest: Manifest) -> int:
    """Return how many of this program's migrations the database in a backup had.

    Raises:
        TooNew: It had migrations that this program lacks.
        BackupUnreadable: Its schema is not one of ours.
    """
    ours = packaged_migrations()
    newest = max((step.version for step in manifest.steps), default=0)
    if newest > len(ours):
        raise TooNew(
            f"the database in the backup is newer ({newest}) than this program ({len(ours)});"
            " upgrade PiSovereign"
        )
    for theirs, step in zip(manifest.steps, ours, strict=False):
        if (theirs.version, theirs.sha256) != (step.version, step.sha256):
            raise BackupUnreadable(
                f"the schema in the backup differs from this program's at {theirs.version:04};"
                " use the version that wrote it"
            )
    return len(manifest.steps)


def load(
    owner_dsn: str,
    manifest: Manifest,
    records: Iterator[Record],
    *,
    replace: bool = False,
    as_it_was: bool = False,
) -> None:
    """Fill a database completely, or change nothing.

    Args:
        owner_dsn: A login that may create what migrations create.
        manifest: The manifest of the backup.
        records: What follows the files.
        replace: Move existing tables to another schema of the database.
        as_it_was: Leave rows and schema exactly as they were, to compare them.

    Raises:
        StartError: The database refuses something.
        BackupUnreadable: The records do not fit the schema.
    """
    ours = packaged_migrations()
    try:
        with psycopg.connect(owner_dsn, connect_timeout=10, autocommit=True) as connection:
            prepare_session(connection)
            lock_schema(connection)
            with connection.transaction():
                _make_room(connection, replace=replace)
                _fill(connection, ours[: known_migrations(manifest)], records)
                if not as_it_was:
                    apply_migrations(connection, ours)
                    connection.execute(_MARK_UNCERTAIN)
                    connection.execute(_FORGET_RUNS)
                    _clear(connection, LEFT_OUT)
            connection.execute("ANALYZE")
    except psycopg.Error as error:
        raise StartError(f"the database refuses the backup: {first_line(error)}") from error


def _make_room(connection: Connection, *, replace: bool) -> None:
    found = connection.execute("SELECT to_regclass(%s)", (MIGRATIONS_TABLE,)).fetchone()
    if not found or not found[0]:
        return
    if not replace:
        raise StartError(
            "there is an installation already in the database that is configured; with --replace"
            " its tables are moved aside"
        )
    # With microseconds, since a fast machine may restore more than once in a second.
    moment = dt.datetime.now(dt.UTC)
    aside = sql.Identifier(moment.strftime("before_restore_%Y%m%dt%H%M%S%fz"))
    schema = sql.Identifier(_one(connection, "SELECT current_schema()"))
    for statement in (
        sql.SQL("ALTER SCHEMA {schema} RENAME TO {aside}"),
        sql.SQL("CREATE SCHEMA {schema}"),
        sql.SQL("GRANT USAGE ON SCHEMA {schema} TO PUBLIC"),
        sql.SQL("ALTER EXTENSION vector SET SCHEMA {schema}"),
    ):
        connection.execute(statement.format(schema=schema, aside=aside))


def _one(connection: Connection, query: LiteralString) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def _fill(connection: Connection, steps: list[Migration], records: Iterator[Record]) -> None:
    apply_migrations(connection, steps)
    expected = tables(connection)
    # Some migrations insert rows; the backup contains those that still existed.
    _clear(connection, expected)
    filled = []
    for record in records:
        if isinstance(record, Table):
            if record.name not in expected or record.columns != columns_of(connection, record.name):
                raise BackupUnreadable(f"the table {record.name} of the backup does not fit")
            _copy(connection, record, records)
            filled.append(record.name)
        elif isinstance(record, Sequences):
            for name, last in record.last.items():
                connection.execute("SELECT setval(%s::regclass, %s)", (name, last))
    if sorted(filled) != sorted(expected):
        raise BackupUnreadable("the backup lacks tables of its schema")


def _clear(connection: Connection, names: Iterable[str]) -> None:
    for name in names:
        table = sql.Identifier(name)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
            connection.execute(sql.SQL("DELETE FROM {}").format(table))


def _copy(connection: Connection, table: Table, records: Iterator[Record]) -> None:
    """Copy rows into a table, up to the record that ends it."""
    with connection.cursor().copy(copy_statement(table.name, table.columns, "FROM STDIN")) as copy:
        for record in records:
            if isinstance(record, TableEnd):
                return
            if isinstance(record, Rows):
                copy.write(record.data)
