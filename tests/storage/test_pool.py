from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors as pg
from psycopg_pool import AsyncConnectionPool

from pisovereign.errors import ServiceUnavailable, StartError
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import run_migrations
from pisovereign.storage.pool import Connection, Database
from tests.storage.conftest import Connect
from tests.support.patience import PATIENCE_S


async def add(connection: Connection, user: UUID, conversation: str = "c") -> None:
    await connection.execute(
        "INSERT INTO conversations (user_id, id) VALUES (%s, %s)", (user, conversation)
    )


async def count(connection: Connection) -> int:
    row = await (await connection.execute("SELECT count(*) FROM conversations")).fetchone()
    assert row is not None
    return int(row[0])


async def owned(database: Database, user: UUID) -> int:
    async with database.transaction(user) as connection:
        return await count(connection)


def test_a_user_sees_only_their_own_rows(connect: Connect) -> None:
    async def scenario() -> None:
        first, second = uuid4(), uuid4()
        async with connect() as database:
            for user in (first, second):
                async with database.transaction(user) as connection:
                    await add(connection, user)
            assert await owned(database, first) == 1
            assert await owned(database, uuid4()) == 0
            async with database.transaction(second) as connection:
                changed = await connection.execute(
                    "UPDATE conversations SET window_start = 9 WHERE user_id = %s", (first,)
                )
                assert changed.rowcount == 0
                deleted = await connection.execute(
                    "DELETE FROM conversations WHERE user_id = %s", (first,)
                )
                assert deleted.rowcount == 0

    asyncio.run(scenario())


def test_one_statement_sees_only_the_users_rows_and_leaves_no_user_behind(
    connect: Connect,
) -> None:
    async def scenario() -> None:
        first, second = uuid4(), uuid4()
        async with connect() as database:
            for user in (first, second):
                async with database.transaction(user) as connection:
                    await add(connection, user)
            query = "SELECT user_id FROM conversations WHERE id = %(id)s"
            for user in (first, second, first):
                assert await database.fetch(user, query, {"id": "c"}) == [(user,)]
            async with database.system() as connection:
                assert await count(connection) == 0
            with pytest.raises(pg.InsufficientPrivilege):
                await database.fetch(first, "SELECT rolpassword FROM pg_authid", {})
            assert await database.fetch(second, query, {"id": "c"}) == [(second,)]

    asyncio.run(scenario())


def test_a_user_cannot_write_another_users_row(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect() as database:
            with pytest.raises(pg.InsufficientPrivilege):
                async with database.transaction(uuid4()) as connection:
                    await add(connection, user)
            async with database.transaction(user) as connection:
                await add(connection, user)
            with pytest.raises(pg.InsufficientPrivilege):
                async with database.transaction(user) as connection:
                    await connection.execute("UPDATE conversations SET user_id = %s", (uuid4(),))

    asyncio.run(scenario())


def test_without_a_user_there_are_no_rows_also_after_one_was_set(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect(pool_size=1) as database:
            async with database.system() as connection:
                assert await count(connection) == 0
            async with database.transaction(user) as connection:
                await add(connection, user)
            async with database.system() as connection:
                assert await count(connection) == 0
                with pytest.raises(pg.InsufficientPrivilege):
                    async with connection.transaction():
                        await add(connection, user)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY",
        "DROP POLICY owner_only ON messages",
        "ALTER ROLE pisovereign_app BYPASSRLS",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "TRUNCATE messages",
        "UPDATE messages SET content = ''",
        "DELETE FROM schema_migrations",
        "DELETE FROM sealing_keys",
    ],
)
def test_the_program_cannot_lift_its_own_limits(connect: Connect, statement: str) -> None:
    async def scenario() -> None:
        async with connect() as database, database.transaction(uuid4()) as connection:
            await connection.execute(statement.encode())

    with pytest.raises(pg.InsufficientPrivilege):
        asyncio.run(scenario())


def test_an_error_in_the_block_undoes_everything(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect(pool_size=1) as database:
            with pytest.raises(KeyError):  # noqa: PT012 - the block is what fails
                async with database.transaction(user) as connection:
                    await add(connection, user)
                    raise KeyError
            assert await owned(database, user) == 0

    asyncio.run(scenario())


def test_a_failed_statement_that_was_ignored_is_not_taken_for_a_commit(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect(pool_size=1) as database:
            with pytest.raises(pg.InFailedSqlTransaction):  # noqa: PT012 - the commit fails
                async with database.transaction(user) as connection:
                    await add(connection, user)
                    with pytest.raises(pg.UniqueViolation):
                        await add(connection, user)
            assert await owned(database, user) == 0

    asyncio.run(scenario())


def test_a_cancelled_transaction_is_undone_and_the_pool_stays_whole(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect(pool_size=1) as database:
            added = asyncio.Event()

            async def slow() -> None:
                async with database.transaction(user) as connection:
                    await add(connection, user)
                    added.set()
                    await connection.execute("SELECT pg_sleep(30)")

            task = asyncio.create_task(slow())
            await asyncio.wait_for(added.wait(), PATIENCE_S)
            task.cancel()
            # A cancellation that overtakes its statement at the server does nothing there.
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 60)
            assert await owned(database, user) == 0

    asyncio.run(scenario())


def test_a_statement_over_its_limit_is_a_503(connect: Connect) -> None:
    async def scenario() -> None:
        # Other statements, and pauses between them, have to stay below it.
        async with connect(statement_timeout_s=2.0) as database:
            with pytest.raises(ServiceUnavailable, match="in time"):
                async with database.system() as connection:
                    await connection.execute("SELECT pg_sleep(60)")
            await database.ping()

    asyncio.run(scenario())


def test_a_statement_over_its_limit_is_not_tried_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    fetch = Database._fetch

    async def count(database: Database, *given: Any) -> list[tuple[Any, ...]]:
        nonlocal tries
        tries += 1
        return await fetch(database, *given)

    monkeypatch.setattr(Database, "_fetch", count)

    async def scenario() -> None:
        async with connect(statement_timeout_s=2.0) as database:
            with pytest.raises(ServiceUnavailable, match="in time"):
                await database.fetch(uuid4(), "SELECT pg_sleep(60)", {})

    asyncio.run(scenario())
    assert tries == 1


def test_a_pool_without_a_free_connection_is_a_503(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisovereign.storage.pool._CHECKOUT_LIMIT_S", 0.2)

    async def scenario() -> None:
        async with connect(pool_size=1) as database:
            async with database.system():
                with pytest.raises(ServiceUnavailable, match="not reachable"):
                    async with database.system():
                        pass
            monkeypatch.undo()  # an answer of the database may take longer
            assert await database.ping() > 0

    asyncio.run(scenario())


async def use(database: Database, way: str) -> None:
    if way == "transaction":
        await database.ping()
    else:
        assert await database.fetch(uuid4(), "SELECT 1", {}) == [(1,)]


def end_sessions(postgres: EmbeddedServer) -> None:
    """End every session of the program, and wait until they are gone."""
    with psycopg.connect(postgres.owner_dsn) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
            " WHERE usename = 'pisovereign_app'",
            (int(PATIENCE_S * 1000),),
        )


ways = pytest.mark.parametrize("way", ["transaction", "one statement"])


@ways
def test_connections_that_died_in_the_pool_go_unnoticed(
    postgres: EmbeddedServer, connect: Connect, way: str
) -> None:
    async def scenario() -> None:
        async with connect(pool_size=4) as database:
            await asyncio.gather(*(use(database, way) for _ in range(20)))
            end_sessions(postgres)
            await asyncio.gather(*(use(database, way) for _ in range(20)))

    asyncio.run(scenario())


@ways
def test_a_connection_that_dies_after_it_was_found_alive_goes_unnoticed(
    postgres: EmbeddedServer, connect: Connect, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = 0
    check = AsyncConnectionPool.check

    async def check_then_end_sessions(pool: AsyncConnectionPool) -> None:
        nonlocal checks
        checks += 1
        await check(pool)
        if checks == 1:
            await pool.wait(PATIENCE_S)  # one that begins only now would not end with the others
            await asyncio.to_thread(end_sessions, postgres)

    monkeypatch.setattr(AsyncConnectionPool, "check", check_then_end_sessions)

    async def scenario() -> None:
        async with connect(pool_size=2) as database:
            await asyncio.gather(*(use(database, way) for _ in range(4)))
            end_sessions(postgres)
            await use(database, way)

    asyncio.run(scenario())
    assert checks > 1


def test_a_session_ended_by_the_administrator_is_a_503(
    postgres: EmbeddedServer, connect: Connect
) -> None:
    async def scenario() -> None:
        async with connect(pool_size=1) as database:
            with pytest.raises(ServiceUnavailable):  # noqa: PT012 - so does the rollback
                async with database.transaction(uuid4()) as connection:
                    with psycopg.connect(postgres.owner_dsn) as owner:
                        owner.execute(
                            "SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,)
                        )
                    await connection.execute("SELECT 1")
            assert await database.ping() > 0

    asyncio.run(scenario())


async def until_refused(database: Database) -> None:
    """Sessions live on for a moment when the process they all come from is killed."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await database.ping()
            await asyncio.sleep(0.01)


def test_a_server_that_was_away_is_used_again(open_folder: Path, connect: Connect) -> None:
    server = EmbeddedServer(open_folder / "data", shared=open_folder / "shared")
    server.start()
    run_migrations(server.owner_dsn)

    async def scenario() -> None:
        async with connect(server.app_dsn, pool_size=2) as database:
            assert await database.ping() > 0
            pid = server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(server.wait, PATIENCE_S)
            with pytest.raises(ServiceUnavailable, match="database"):
                await until_refused(database)
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        await database.ping()
                    except ServiceUnavailable:
                        await asyncio.sleep(0.1)
                    else:
                        return

    try:
        asyncio.run(scenario())
    finally:
        server.stop()


def test_a_server_that_is_away_is_looked_for_several_times_a_second(
    tmp_path: Path,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By itself the pool waits for 1 s, 2 s and 4 s: a server is back after less."""
    monkeypatch.setattr("pisovereign.storage.pool._START_LIMIT_S", PATIENCE_S)

    def looks() -> int:
        return caplog.text.count("error connecting")

    async def start() -> None:
        async with connect(f"host={tmp_path} user=x dbname=x"):
            pass

    async def scenario() -> None:
        starting = asyncio.create_task(start())
        while not starting.done() and looks() <= 8:  # noqa: ASYNC110 - the pool only writes a log
            await asyncio.sleep(0.05)
        starting.cancel()
        await asyncio.wait((starting,))

    asyncio.run(scenario())
    assert looks() > 8  # six come in a minute otherwise


def test_an_absent_server_refuses_the_start(
    tmp_path: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisovereign.storage.pool._START_LIMIT_S", 0.3)

    async def scenario() -> None:
        async with connect(f"host={tmp_path} user=x password=hush dbname=x"):
            pass

    with pytest.raises(StartError, match="no connection") as caught:
        asyncio.run(scenario())
    assert "hush" not in str(caught.value)


def test_a_malformed_url_is_refused_without_quoting_it(connect: Connect) -> None:
    async def scenario() -> None:
        async with connect(url="postgresql://u:hush@h:port:port/?x=1"):
            pass

    with pytest.raises(StartError, match=r"database\.url") as caught:
        asyncio.run(scenario())
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_superusers_url_still_works_as_the_limited_role(
    postgres: EmbeddedServer, connect: Connect
) -> None:
    url = f"{postgres.owner_dsn} options='-c application_name=kept'"

    async def scenario() -> None:
        user = uuid4()
        async with connect(url=url) as database, database.transaction(user) as connection:
            cursor = await connection.execute(
                "SELECT current_user, current_setting('application_name'),"
                " current_setting('statement_timeout')"
            )
            assert await cursor.fetchone() == ("pisovereign_app", "kept", "10s")
            with pytest.raises(pg.InsufficientPrivilege):
                async with connection.transaction():
                    await add(connection, uuid4())

    asyncio.run(scenario())


def test_a_role_that_could_see_everything_refuses_the_start(
    postgres: EmbeddedServer, connect: Connect
) -> None:
    async def scenario() -> None:
        async with connect():
            pass

    with psycopg.connect(postgres.owner_dsn, autocommit=True) as owner:
        owner.execute("ALTER ROLE pisovereign_app BYPASSRLS")
        try:
            with pytest.raises(StartError, match="NOBYPASSRLS"):
                asyncio.run(scenario())
        finally:
            owner.execute("ALTER ROLE pisovereign_app NOBYPASSRLS")


def test_reading_a_conversation_uses_the_index_under_the_policy(connect: Connect) -> None:
    async def scenario() -> None:
        user = uuid4()
        async with connect() as database, database.transaction(user) as connection:
            await connection.execute("SET LOCAL enable_seqscan = off")
            cursor = await connection.execute(
                "EXPLAIN SELECT content FROM messages WHERE user_id = %s"
                " AND conversation_id = 'c' ORDER BY coalesce(answers, seq), seq",
                (user,),
            )
            plan = "\n".join(row[0] for row in await cursor.fetchall())
        assert "messages_in_order" in plan
        assert "Sort" not in plan

    asyncio.run(scenario())
