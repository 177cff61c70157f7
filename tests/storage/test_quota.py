"""What a user keeps is counted whatever changes it, and never passes its limit."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import psycopg

from pisovereign.errors import StorageFull
from pisovereign.storage.migrate import packaged_migrations, run_migrations
from pisovereign.storage.pool import Connection, Database
from tests.storage.conftest import Connect

KEY = "quota"
ROW = 150
_KEY = "INSERT INTO sealing_keys (key_id) VALUES (%(key)s) ON CONFLICT DO NOTHING"
_LIST = "INSERT INTO lists (user_id, id, key_id, name) VALUES (%(user)s, %(id)s, %(key)s, %(text)s)"
_ITEM = """
INSERT INTO list_items (user_id, id, list_id, position, key_id, text)
VALUES (%(user)s, %(id)s, %(list)s, 1, %(key)s, %(text)s)
"""
_LOCK = "SELECT FROM lists WHERE id = %s FOR UPDATE"
_MIGRATION = "storage_use"


async def make_list(connection: Connection, user: UUID, size: int) -> UUID:
    made = uuid4()
    await connection.execute(_KEY, {"key": KEY})
    values = {"user": user, "id": made, "key": KEY, "text": bytes(size)}
    await connection.execute(_LIST, values)
    return made


async def add_item(connection: Connection, user: UUID, to: UUID, size: int) -> None:
    values = {"user": user, "id": uuid4(), "list": to, "key": KEY, "text": bytes(size)}
    await connection.execute(_ITEM, values)


async def is_refused(database: Database, user: UUID, size: int) -> bool:
    """Whether somebody may not add a list with a name of this size."""
    try:
        async with database.transaction(user, within_quota=True) as connection:
            await make_list(connection, user, size)
    except StorageFull:
        return True
    return False


async def kept(database: Database, user: UUID) -> int:
    return (await database.kept(user))[0]


def test_it_is_counted_whatever_changes_it(connect: Connect) -> None:
    user = uuid4()

    async def undone(database: Database, made: UUID) -> None:
        async with database.transaction(user) as connection:
            await add_item(connection, user, made, 5000)
            raise ZeroDivisionError

    async def course() -> list[int]:
        seen = []
        async with connect() as database:
            async with database.transaction(user) as connection:
                made = await make_list(connection, user, 100)
                await add_item(connection, user, made, 1000)
                await add_item(connection, user, made, 2000)
            seen.append(await kept(database, user))
            async with database.transaction(user) as connection:
                await connection.execute("UPDATE lists SET name = %s", (bytes(400),))
            seen.append(await kept(database, user))
            await asyncio.gather(undone(database, made), return_exceptions=True)
            seen.append(await kept(database, user))
            async with database.transaction(user) as connection:  # and with it what is on it
                await connection.execute("DELETE FROM lists")
            return [*seen, await kept(database, user), await kept(database, uuid4())]

    assert asyncio.run(course()) == [3 * ROW + 3100, 3 * ROW + 3400, 3 * ROW + 3400, 0, 0]


def test_those_who_add_at_the_same_time_share_one_limit(connect: Connect) -> None:
    user, limit, size = uuid4(), 10_000, 850

    async def course() -> tuple[list[bool], tuple[int, int]]:
        async with connect(pool_size=8, user_quota_bytes=limit) as database:
            adding = (is_refused(database, user, size) for _ in range(40))
            return await asyncio.gather(*adding), await database.kept(user)

    refused, (used, most) = asyncio.run(course())
    added = refused.count(False)
    assert added == limit // (size + ROW)
    assert (used, most) == (added * (size + ROW), limit)


def test_the_refusal_names_the_setting() -> None:
    error = StorageFull(1000)
    assert "database.user_quota_bytes" in error.message
    assert (error.status, error.details["limit"]) == (507, 1000)


def test_who_is_full_may_delete_and_is_answered(connect: Connect) -> None:
    user = uuid4()

    async def course() -> list[bool]:
        async with connect(user_quota_bytes=1000) as database:
            async with database.transaction(user) as connection:  # such as an answer
                first = await make_list(connection, user, 5000)
            before = await is_refused(database, user, 1)
            async with database.transaction(user, within_quota=True) as connection:
                await connection.execute("DELETE FROM lists WHERE id = %s", (first,))
            return [before, await is_refused(database, user, 1)]

    assert asyncio.run(course()) == [True, False]


def test_nobody_else_has_less_of_it(connect: Connect) -> None:
    async def course() -> list[bool]:
        async with connect(user_quota_bytes=1000) as database:
            return [await is_refused(database, user, 800) for user in (uuid4(), uuid4())]

    assert asyncio.run(course()) == [False, False]


def test_two_that_lock_in_another_order_do_not_wait_for_each_other(connect: Connect) -> None:
    """The sum is the last thing that a transaction locks."""
    user = uuid4()

    async def course() -> int:
        async with connect() as database:
            async with database.transaction(user) as connection:
                one = await make_list(connection, user, 10)
            added, locked = asyncio.Event(), asyncio.Event()

            async def add_first() -> None:
                async with database.transaction(user) as connection:
                    await make_list(connection, user, 20)
                    added.set()
                    await locked.wait()
                    await connection.execute(_LOCK, (one,))

            async def lock_first() -> None:
                async with database.transaction(user) as connection:
                    await connection.execute(_LOCK, (one,))
                    locked.set()
                    await added.wait()
                    await make_list(connection, user, 30)

            await asyncio.gather(add_first(), lock_first())
            return await kept(database, user)

    assert asyncio.run(course()) == 3 * ROW + 60


def test_nothing_is_left_of_whoever_is_erased(connect: Connect) -> None:
    user = uuid4()

    async def course() -> int:
        async with connect() as database:
            async with database.transaction(user) as connection:
                await make_list(connection, user, 10)
            async with database.transaction(user) as connection:
                for table in ("storage_changes", "storage_use", "lists"):
                    await connection.execute(f"DELETE FROM {table}".encode())
            async with database.transaction(user) as connection:
                found = await connection.execute("SELECT FROM storage_use")
                return found.rowcount

    assert asyncio.run(course()) == 0


def test_what_was_there_before_is_counted(empty_dsn: str, connect: Connect) -> None:
    steps = packaged_migrations()
    before = next(number for number, step in enumerate(steps) if step.name == _MIGRATION)
    run_migrations(empty_dsn, steps[:before])
    user, made = uuid4(), uuid4()
    with psycopg.connect(empty_dsn) as connection:
        connection.execute(_KEY, {"key": KEY})
        values = {"user": user, "id": made, "key": KEY, "text": bytes(100)}
        connection.execute(_LIST, values)
        connection.execute(_ITEM, values | {"id": uuid4(), "list": made})
    run_migrations(empty_dsn, steps)

    async def course() -> tuple[int, int]:
        async with connect(empty_dsn) as database:
            counted = await kept(database, user)
            async with database.transaction(user) as connection:
                await connection.execute("DELETE FROM lists")
            return counted, await kept(database, user)

    assert asyncio.run(course()) == (2 * ROW + 200, 0)
