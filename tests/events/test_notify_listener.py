"""Processes hear of each other's news over the database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine

from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.storage.pool import Database
from tests.memory.test_at_rest import superuser
from tests.support.patience import PATIENCE_S
from tests.support.server import Server


def run(course: Coroutine[None, None, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(3 * PATIENCE_S):
            await course

    asyncio.run(limited())


async def _told_until_heard(
    listener: NotifyListener, database: Database, about: uuid.UUID, heard: asyncio.Event
) -> None:
    """Who listens only from a moment on does not hear what was told before."""
    async with asyncio.timeout(PATIENCE_S):
        while not heard.is_set():
            async with database.transaction(about) as connection:
                await listener.notify(connection, about)
            await asyncio.sleep(0.1)
    heard.clear()


async def _tell_another(listener: NotifyListener, database: Database, theirs: Wakeups) -> None:
    """Until that is heard, and so whatever was told before."""
    other = uuid.uuid4()
    with theirs.wakeup(other) as heard:
        await _told_until_heard(listener, database, other, heard)


def test_what_another_process_commits_is_heard(server: Server) -> None:
    async def course() -> None:
        database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=PATIENCE_S)
        await database.open()
        mine, theirs = Wakeups(), Wakeups()
        listener = NotifyListener(database.conninfo, mine, alone=False)
        other_listener = NotifyListener(database.conninfo, theirs, alone=False)
        about = uuid.uuid4()
        listener.start()
        other_listener.start()
        with theirs.wakeup(about) as heard, mine.wakeup(about) as echo:
            await _told_until_heard(listener, database, about, heard)
            # What cannot be understood is passed over, not the end of hearing.
            with superuser(server) as connection:
                connection.execute("NOTIFY pisovereign_news, 'somebody something'")
                await _told_until_heard(listener, database, about, heard)
            # It may have been told more often than was needed: once others are heard, that is over.
            await _tell_another(listener, database, theirs)
            heard.clear()
            async with database.transaction(about) as connection:
                await listener.notify(connection, about)
                await connection.execute("ROLLBACK; BEGIN")  # nobody hears of it
            await _tell_another(listener, database, theirs)
            assert not heard.is_set()
            # A connection that was lost is made again.
            with superuser(server) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
                )
            await _told_until_heard(listener, database, about, heard)
            assert not echo.is_set()
        await listener.stop()
        await other_listener.stop()
        await database.close()

    run(course())


def test_who_is_alone_tells_nobody(server: Server) -> None:
    async def course() -> None:
        database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=PATIENCE_S)
        await database.open()
        theirs, about = Wakeups(), uuid.uuid4()
        alone = NotifyListener(database.conninfo, Wakeups(), alone=True)
        other_listener = NotifyListener(database.conninfo, theirs, alone=False)
        other_listener.start()
        alone.start()
        other = NotifyListener(database.conninfo, Wakeups(), alone=False)
        with theirs.wakeup(about) as heard, theirs.wakeup(other_id := uuid.uuid4()) as last:
            async with database.transaction(about) as connection:
                await alone.notify(connection, about)
            await _told_until_heard(other, database, other_id, last)
            async with database.transaction(about) as connection:
                await alone.notify(connection, about)
            await _told_until_heard(other, database, other_id, last)
            assert not heard.is_set()
        await alone.stop()
        await other_listener.stop()
        await database.close()

    run(course())
