"""What must be in a cluster before there are tables: a role, and a database."""

from __future__ import annotations

import psycopg
from psycopg import sql

from pisovereign.errors import StartError
from pisovereign.storage.pool import APP_ROLE

DATABASE = "pisovereign"


def create_database(dsn: str) -> None:
    """Make the login role and the database; both stay untouched when they are there.

    Args:
        dsn: connects as the cluster's superuser to its first database.

    Raises:
        StartError: the server refused.
    """
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
