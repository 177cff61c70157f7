"""Files that are sent at the same time share what a user may store."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import psycopg

from pisovereign.config import DocumentsConfig
from pisovereign.documents.sealed import DocumentSealer
from pisovereign.documents.service import DocumentService
from pisovereign.errors import Conflict
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer, load_key
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, wait_until


class _NoIndexer:
    """Reads nothing, and lets whoever is allowed to come as far as this file."""

    def __init__(self, owner_dsn: str, files: int) -> None:
        self._owner_dsn, self._left, self._here = owner_dsn, files, 0

    async def add(self, connection: Any, user: UUID, document: UUID) -> None:
        self._here += 1
        await asyncio.to_thread(wait_until, self._others_are_here, PATIENCE_S, "the others")
        self._here -= 1
        self._left -= 1

    def _others_are_here(self) -> bool:
        with psycopg.connect(self._owner_dsn) as connection:
            row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        assert row is not None
        return bool(row[0] + self._here >= self._left)

    def refused(self) -> None:
        """Wait for one file less."""
        self._left -= 1


def test_it_is_not_passed_by_files_at_the_same_time(server: Server) -> None:
    sealer, user = Sealer(load_key(server.data_dir / "master.key")), uuid4()

    async def course() -> list[BaseException | None]:
        database = Database(server.database_dsn(), pool_size=6, statement_timeout_s=60)
        await database.open()
        unused: Any = None
        indexer: Any = _NoIndexer(server.owner_dsn(), files=5)
        service = DocumentService(
            database=database,
            sealer=DocumentSealer(sealer),
            digest_key=bytes(32),
            indexer=indexer,
            search=unused,
            recall=unused,
            models=(),
            config=DocumentsConfig(quota_bytes=100),
        )

        async def add(number: int) -> BaseException | None:
            try:
                await service.add(user, f"{number}.txt", f"{number} ".ljust(40, "x").encode())
            except Conflict as error:
                indexer.refused()
                return error
            return None

        try:
            outcomes = await asyncio.gather(*(add(number) for number in range(5)))
            assert (await service.usage(user)).bytes <= 100
            return outcomes
        finally:
            await database.close()

    outcomes = asyncio.run(course())
    with psycopg.connect(server.owner_dsn()) as connection:
        connection.execute("DELETE FROM documents WHERE user_id = %s", (user,))
    assert outcomes.count(None) == 2
