from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from pisovereign.errors import StartError, TamperedData
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.keys import require_matching_key
from pisovereign.storage.migrate import run_migrations
from pisovereign.storage.sealing import Sealer
from tests.storage.conftest import Connect


@pytest.fixture
def dsn(empty_dsn: str) -> str:
    run_migrations(empty_dsn)
    return empty_dsn


def ensure(connect: Connect, dsn: str, path: Path) -> Sealer:
    async def ensure() -> Sealer:
        async with connect(dsn) as database:
            return await require_matching_key(database, path)

    return asyncio.run(ensure())


def test_the_first_start_makes_and_registers_a_key(
    connect: Connect, dsn: str, tmp_path: Path
) -> None:
    sealer = ensure(connect, dsn, tmp_path / "key")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT key_id FROM sealing_keys").fetchall() == [
            (sealer.key_id,)
        ]
    assert ensure(connect, dsn, tmp_path / "key").key_id == sealer.key_id


def test_a_start_that_was_cut_after_the_key_was_made_goes_on(
    connect: Connect, dsn: str, tmp_path: Path
) -> None:
    sealer = ensure(connect, dsn, tmp_path / "key")
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM sealing_keys")
    assert ensure(connect, dsn, tmp_path / "key").key_id == sealer.key_id


def test_workers_that_start_together_use_one_key(
    connect: Connect, dsn: str, tmp_path: Path
) -> None:
    async def together() -> set[str]:
        async with connect(dsn) as database:
            sealers = await asyncio.gather(
                *(require_matching_key(database, tmp_path / "key") for _ in range(8))
            )
        return {sealer.key_id for sealer in sealers}

    assert len(asyncio.run(together())) == 1


def test_a_lost_key_refuses_the_start_and_makes_no_new_one(
    connect: Connect, dsn: str, tmp_path: Path
) -> None:
    ensure(connect, dsn, tmp_path / "key")
    (tmp_path / "key").unlink()
    with pytest.raises(StartError, match=r"missing.*restore it from a backup") as caught:
        ensure(connect, dsn, tmp_path / "key")
    assert str(tmp_path / "key") in str(caught.value)
    assert not (tmp_path / "key").exists()


def test_a_wrong_key_refuses_the_start(connect: Connect, dsn: str, tmp_path: Path) -> None:
    right = ensure(connect, dsn, tmp_path / "key")
    (tmp_path / "key").write_bytes(bytes(32))
    with pytest.raises(StartError, match="not the one") as caught:
        ensure(connect, dsn, tmp_path / "key")
    assert right.key_id in str(caught.value)


def test_a_row_changed_in_the_database_does_not_open(
    postgres: EmbeddedServer, connect: Connect, tmp_path: Path
) -> None:
    user, message = uuid4(), uuid4()
    sealer = Sealer(bytes(32))

    async def store_change_read() -> None:
        async with connect() as database:
            async with database.system() as connection:
                await connection.execute(
                    "INSERT INTO sealing_keys VALUES (%s) ON CONFLICT DO NOTHING", (sealer.key_id,)
                )
            sealed = sealer.seal("secret", aad=message.bytes)
            async with database.transaction(user) as connection:
                await connection.execute(
                    "INSERT INTO conversations (user_id, id) VALUES (%s, 'c')", (user,)
                )
                await connection.execute(
                    "INSERT INTO messages (id, user_id, conversation_id, role, key_id, content)"
                    " VALUES (%s, %s, 'c', 'user', %s, %s)",
                    (message, user, sealed.key_id, sealed.data),
                )
            with psycopg.connect(postgres.owner_dsn) as owner:
                owner.execute(
                    "UPDATE messages SET content = set_byte(content, 30, get_byte(content, 30) # 1)"
                    " WHERE id = %s",
                    (message,),
                )
            async with database.transaction(user) as connection:
                cursor = await connection.execute(
                    "SELECT content, key_id FROM messages WHERE user_id = %s", (user,)
                )
                row = await cursor.fetchone()
            assert row is not None
            sealer.open(row[0], row[1], message.bytes)

    with pytest.raises(TamperedData) as caught:
        asyncio.run(store_change_read())
    assert caught.value.status == 500
    assert "secret" not in str(caught.value)
