"""The database's schema: numbered SQL files, each applied once and in order.

`migrations/NNNN_name.sql` are applied in one transaction each and recorded with their checksum, so
that a file which changes after it was applied, and a database which a newer program has already
upgraded, are noticed instead of guessed at. Several processes may start at once: an advisory lock
lets one work at a time.
"""

from __future__ import annotations

import hashlib
import logging
import re
from importlib import resources
from typing import Any, NamedTuple

import psycopg
from psycopg import errors as pg

from pisovereign.errors import StartError

_log = logging.getLogger(__name__)
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
# Any fixed number does: the ASCII codes of "PiSo".
_LOCK = 0x5069536F
MIGRATIONS_TABLE = "schema_migrations"
"""The table of the migrations that were applied."""

_CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class Migration(NamedTuple):
    """One step of the schema; `version` counts from 1."""

    version: int
    name: str
    sql: bytes

    @property
    def sha256(self) -> str:
        """Return the checksum that is recorded when it is applied, in hexadecimal."""
        return hashlib.sha256(self.sql).hexdigest()


def packaged_migrations() -> list[Migration]:
    """Return the migrations of this program, in order."""
    found = []
    for file in (resources.files("pisovereign.storage") / "migrations").iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            found.append(Migration(int(match[1]), match[2], file.read_bytes()))
    return sorted(found)


def run_migrations(owner_dsn: str, migrations: list[Migration] | None = None) -> None:
    """Bring the database at `owner_dsn` up to this program's schema.

    The login needs to be the tables' owner; at the first start it must be allowed to create the
    extension `vector` and the role `pisovereign_app`.

    Raises:
        StartError: the database is newer than the program, an applied migration was changed, or a
            statement was refused.
    """
    steps = packaged_migrations() if migrations is None else migrations
    try:
        with psycopg.connect(owner_dsn, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SET lock_timeout = '60s'")
            lock_schema(connection)
            apply_migrations(connection, steps)
    except pg.LockNotAvailable as error:
        raise StartError(
            "another process is still upgrading the database, or backing it up; try again"
        ) from error
    except (pg.InsufficientPrivilege, pg.UndefinedFile, pg.FeatureNotSupported) as error:
        raise StartError(
            "the database user may not set the database up, or pgvector is not installed there"
            f" ({_first_line(error)}); as an administrator run: CREATE EXTENSION vector;"
            " CREATE ROLE pisovereign_app NOLOGIN; GRANT pisovereign_app TO <the database user>;"
        ) from error
    except psycopg.Error as error:
        raise StartError(f"the database could not be set up: {_first_line(error)}") from error


def lock_schema(connection: psycopg.Connection[Any]) -> None:
    """Wait to be the only connection that may change the schema, until it ends."""
    connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))


def share_schema_lock(connection: psycopg.Connection[Any]) -> None:
    """Keep the schema unchanged until the connection ends; several may do so at once."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (_LOCK,))


def apply_migrations(connection: psycopg.Connection[Any], steps: list[Migration]) -> None:
    """Apply the missing migrations, with `lock_schema` held.

    Raises:
        StartError: The database is newer, or an applied migration was changed.
    """
    connection.execute("SET client_min_messages = 'warning'")
    connection.execute(_CREATE_TABLE)
    rows = connection.execute("SELECT version, name, sha256 FROM schema_migrations").fetchall()
    applied = {version: (name, sha256) for version, name, sha256 in rows}
    newest = max((step.version for step in steps), default=0)
    if applied and max(applied) > newest:
        raise StartError(
            f"the database is newer ({max(applied)}) than this program ({newest});"
            " upgrade PiSovereign"
        )
    for step in steps:
        if step.version not in applied:
            _apply(connection, step)
        elif applied[step.version][1] != step.sha256:
            raise StartError(
                f"migration {step.version:04}_{step.name}.sql is not the one that was applied to"
                " this database; install an unmodified PiSovereign"
            )


def _apply(connection: psycopg.Connection[Any], step: Migration) -> None:
    _log.info("upgrading the database: %04d %s", step.version, step.name)
    with connection.transaction():
        connection.execute(step.sql)
        connection.execute(
            "INSERT INTO schema_migrations (version, name, sha256) VALUES (%s, %s, %s)",
            (step.version, step.name, step.sha256),
        )


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
