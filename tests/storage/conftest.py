"""A real PostgreSQL for the storage tests, started once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import run_migrations
from pisovereign.storage.pool import Database, open_database
from tests.support.cluster import open_folder as made_folder


@dataclass(frozen=True)
class Settings:
    """What `open_database` reads."""

    url: str | None = None
    pool_size: int = 4
    statement_timeout_s: float = 10.0
    user_quota_bytes: int = 0


Connect = Callable[..., AbstractAsyncContextManager[Database]]


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    yield from _open_folder()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own."""
    yield from _open_folder()


def _open_folder() -> Iterator[Path]:
    folder = made_folder("pv-test-")
    yield folder
    # A test that failed may have left a server that is still cleaning up in there.
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(session_folder: Path) -> Iterator[EmbeddedServer]:
    """A migrated server that all storage tests share."""
    server = EmbeddedServer(session_folder / "data", shared=session_folder / "shared")
    server.start()
    run_migrations(server.owner_dsn)
    yield server
    server.stop()


@pytest.fixture
def empty_dsn(postgres: EmbeddedServer) -> Iterator[str]:
    """Owner's address of a database with nothing in it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.owner_dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield make_conninfo(postgres.owner_dsn, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def connect(postgres: EmbeddedServer) -> Connect:
    """Open the shared database, or the one at `dsn`, for the length of a block."""

    @asynccontextmanager
    async def opened(dsn: str | None = None, **settings: object) -> AsyncIterator[Database]:
        database = await open_database(
            Settings(**settings),  # type: ignore[arg-type]
            dsn or postgres.app_dsn,
        )
        try:
            yield database
        finally:
            await database.close()

    return opened
