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
from tests.support.server import Server


class _NoIndexer:
    async def add(self, connection: Any, user: UUID, document: UUID) -> None:
        """Read nothing; and take as long as a large file does to be stored."""
        await asyncio.sleep(0.2)


def test_it_is_not_passed_by_files_at_the_same_time(server: Server) -> None:
    sealer, user = Sealer(load_key(server.data_dir / "master.key")), uuid4()

    async def course() -> list[BaseException | None]:
        database = Database(server.database_dsn(), pool_size=6, statement_timeout_s=60)
        await database.open()
        unused: Any = None
        indexer: Any = _NoIndexer()
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
