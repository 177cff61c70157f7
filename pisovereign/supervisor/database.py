"""Work of the supervisor in the database, in forks: what that takes would stay otherwise."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pisovereign.config import DatabaseConfig
from pisovereign.process.forked import run_forked
from pisovereign.storage.embedded.cluster import create_database


def create_in_fork(dsn: str) -> None:
    """Make role and database where they are missing.

    Raises:
        StartError: The server refused.
    """
    run_forked(partial(create_database, dsn))


def prepare_in_fork(settings: DatabaseConfig, owner_dsn: str, dsn: str, key_file: Path) -> None:
    """Bring the tables up to date, and check that the key is that of this database.

    Args:
        settings: How the database is used.
        owner_dsn: Where it is, for the owner of the tables.
        dsn: Where it is, for the API; empty: as is configured.
        key_file: The file of the key.

    Raises:
        StartError: The database cannot be used, or not with this key.
    """
    run_forked(partial(_prepare, settings, owner_dsn, dsn, key_file))


def _prepare(settings: DatabaseConfig, owner_dsn: str, dsn: str, key_file: Path) -> None:
    from pisovereign.storage.keys import check_key  # noqa: PLC0415
    from pisovereign.storage.migrate import run_migrations  # noqa: PLC0415

    run_migrations(owner_dsn)
    # The API checks this too, but here a lost key refuses the start instead of a retry.
    check_key(settings, dsn, key_file)
