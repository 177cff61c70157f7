"""Pieces to a database that has none of our tables yet, in one transaction.

The schema is brought to where it was in the backup, the rows are put in, and then the newer
migrations run, as they would have on the old machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import LiteralString

import psycopg
from psycopg import sql

from pisovereign.backup.contents import Manifest, Part, Rows, Sequences, Table, TableEnd
from pisovereign.backup.dump import (
    Connection,
    columns_of,
    copy_statement,
    first_line,
    prepare_session,
    tables,
)
from pisovereign.backup.errors import BackupUnreadable, TooNew
from pisovereign.errors import StartError
from pisovereign.storage.migrate import (
    LEDGER_NAME,
    Migration,
    apply_steps,
    lock_schema,
    packaged_migrations,
)

# What waited to be sent then may have been sent since. The program reports such messages and does
# not send them again, as after a sudden end.
_NEVER_TWICE = """
UPDATE outbox SET state = 'sending', lease_until = now() WHERE state IN ('waiting', 'sending')
"""


def known_steps(manifest: Manifest) -> int:
    """How many of this program's migrations the database in a backup had.

    Raises:
        TooNew: it had some that this program lacks.
        BackupUnreadable: its schema is not one of ours.
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
    owner_dsn: str, manifest: Manifest, parts: Iterator[Part], *, replace: bool = False
) -> None:
    """Fill a database; it is all there afterwards, or nothing is.

    Args:
        owner_dsn: login that may create what migrations create.
        manifest: the backup's.
        parts: what follows the files.
        replace: tables that are there are moved to another schema of the database.

    Raises:
        StartError: the database refuses something.
        BackupUnreadable: the pieces do not fit the schema.
    """
    ours = packaged_migrations()
    try:
        with psycopg.connect(owner_dsn, connect_timeout=10, autocommit=True) as connection:
            prepare_session(connection)
            lock_schema(connection)
            with connection.transaction():
                _make_room(connection, replace=replace)
                _fill(connection, ours[: known_steps(manifest)], parts)
                apply_steps(connection, ours)
                connection.execute(_NEVER_TWICE)
            connection.execute("ANALYZE")
    except psycopg.Error as error:
        raise StartError(f"the database refuses the backup: {first_line(error)}") from error


def _make_room(connection: Connection, *, replace: bool) -> None:
    found = connection.execute("SELECT to_regclass(%s)", (LEDGER_NAME,)).fetchone()
    if not found or not found[0]:
        return
    if not replace:
        raise StartError(
            "there is an installation already in the database that is configured; with --replace"
            " its tables are moved aside"
        )
    # To the microsecond: a quick machine restores more than once in a second.
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


def _fill(connection: Connection, steps: list[Migration], parts: Iterator[Part]) -> None:
    apply_steps(connection, steps)
    expected = tables(connection)
    # Migrations put rows in; the backup has those that were left of them.
    for name in expected:
        table = sql.Identifier(name)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
    filled = []
    for part in parts:
        if isinstance(part, Table):
            if part.name not in expected or part.columns != columns_of(connection, part.name):
                raise BackupUnreadable(f"the table {part.name} of the backup does not fit")
            _copy(connection, part, parts)
            filled.append(part.name)
        elif isinstance(part, Sequences):
            for name, last in part.last.items():
                connection.execute("SELECT setval(%s::regclass, %s)", (name, last))
    if sorted(filled) != sorted(expected):
        raise BackupUnreadable("the backup lacks tables of its schema")


def _copy(connection: Connection, table: Table, parts: Iterator[Part]) -> None:
    """Put a table's rows in; ends with the piece that ends the table."""
    with connection.cursor().copy(copy_statement(table.name, table.columns, "FROM STDIN")) as copy:
        for part in parts:
            if isinstance(part, TableEnd):
                return
            if isinstance(part, Rows):
                copy.write(part.data)
