"""What was said is learned once, also by another process, and patiently."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.claim import ClaimedJob, Superseded
from pisovereign.jobs.types import JobOutcome, Retry, Settled
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.learning import LEARNED_TAG, MOST_ATTEMPTS, Learner
from pisovereign.memory.sources import NewSource
from pisovereign.memory.statement_head import load_head
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.types import NewMemory
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer, load_key
from tests.memory.test_at_rest import superuser
from tests.support.patience import PATIENCE_S
from tests.support.server import Server

ANSWER = "That is good to know, thank you."
TEA, BREAD = "I like tea very much.", "I like rye bread very much."


class Writing:
    """In place of an editor: keeps what it is given, after doing something else."""

    def __init__(self, before: Callable[[NewMemory], Awaitable[None]] | None = None) -> None:
        self._before = before
        self.stored: list[NewMemory] = []
        self.is_stored = asyncio.Event()

    async def add(self, user: UUID, new: NewMemory, source: NewSource, *, spoken: bool) -> None:
        assert (source.origin, source.sentence) == ("said", new.content)
        if self._before is not None:
            await self._before(new)
        self.stored.append(new)
        self.is_stored.set()


class NoDatabase:
    @asynccontextmanager
    async def transaction(self, user: UUID) -> AsyncIterator[None]:
        yield


class _Job(ClaimedJob):
    async def check(self, connection: Any) -> None:
        pass


def learner(writing: Writing, database: object, user: UUID, key: bytes = bytes(32)) -> Learner:
    return Learner(
        database=cast("Database", database),
        sealer=Sealer(key),
        editor=cast("MemoryEditor", writing),
        reader=StatementReader(None, load_head()),
        selection=None,
        users=[user],
    )


def learned(writing: Writing, message: str, attempt: int = 1) -> JobOutcome:
    """What came of one exchange."""
    user = uuid.uuid4()
    job = _Job("memory_learning", user, uuid.uuid4(), attempt=attempt, payload=message)
    return asyncio.run(learner(writing, NoDatabase(), user).run(job))


def test_statements_become_memories() -> None:
    writing = Writing()
    assert learned(writing, f"{TEA} {BREAD}") == Settled()
    assert [new.content for new in writing.stored] == [TEA, BREAD]
    assert {tag for new in writing.stored for tag in new.tags} == {LEARNED_TAG}


def test_what_is_away_is_waited_for_and_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(new: NewMemory) -> None:
        raise ServiceUnavailable("away")

    assert learned(Writing(fail), TEA) == Retry(2.0)
    assert learned(Writing(fail), TEA, attempt=4) == Retry(16.0)
    assert learned(Writing(fail), TEA, attempt=MOST_ATTEMPTS)[0] == "failed"
    assert "nothing is learned" in caplog.text
    assert "tea" not in caplog.text


def test_an_error_of_ours_costs_one_exchange(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("unforeseen, about tea")

    async def fail(new: NewMemory) -> None:
        raise error

    assert learned(Writing(fail), TEA)[0] == "failed"
    assert "ValueError" in caplog.text
    assert "tea" not in caplog.text


class World:
    """A database, and processes that share it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.user = uuid.uuid4()
        self._key = load_key(server.data_dir / "master.key")

    def run(self, course: Callable[[Database], Awaitable[None]]) -> None:
        async def limited() -> None:
            database = Database(
                self._server.database_dsn(), pool_size=3, statement_timeout_s=PATIENCE_S
            )
            await database.open()
            try:
                async with asyncio.timeout(60):
                    await course(database)
            finally:
                await database.close()

        asyncio.run(limited())

    def process(self, database: Database, writing: Writing) -> Learner:
        return learner(writing, database, self.user, self._key)

    async def say(self, database: Database, process: Learner, message: str, answer: str) -> None:
        async with database.transaction(self.user) as connection:
            await process.add(connection, self.user, uuid.uuid4(), message, answer)

    def states(self) -> list[str]:
        with superuser(self._server) as connection:
            rows = connection.execute(
                "SELECT state FROM jobs WHERE user_id = %s ORDER BY seq", (self.user,)
            ).fetchall()
        return [row[0] for row in rows]


def test_what_one_process_took_down_another_one_learns(server: Server) -> None:
    world, writing = World(server), Writing()

    async def course(database: Database) -> None:
        await world.say(database, world.process(database, Writing()), TEA, ANSWER)
        other = world.process(database, writing)
        other.start()
        await writing.is_stored.wait()
        await other.stop()

    world.run(course)
    assert [new.content for new in writing.stored] == [TEA]
    assert world.states() == ["done"]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("I like. ", ANSWER),
        ("I like green tea a lot.", "Fine.                         "),
        ("   I like.           ", ANSWER),
    ],
)
def test_short_exchanges_are_small_talk(server: Server, message: str, answer: str) -> None:
    world = World(server)

    async def course(database: Database) -> None:
        await world.say(database, world.process(database, Writing()), message, answer)

    world.run(course)
    assert world.states() == []


def test_who_wants_to_be_forgotten_is_not_learned_from(server: Server) -> None:
    world, begun, forgotten = World(server), asyncio.Event(), asyncio.Event()

    last = asyncio.Event()

    async def wait(new: NewMemory) -> None:
        begun.set()
        await forgotten.wait()
        if "olives" in new.content:
            last.set()

    writing = Writing(wait)

    async def course(database: Database) -> None:
        process = world.process(database, writing)
        await world.say(database, process, f"{TEA} {BREAD}", ANSWER)  # learned from right now
        await world.say(database, process, "I like plums very much.", ANSWER)
        process.start()
        await begun.wait()
        await process.forget(world.user)
        await world.say(database, process, "I like olives very much.", ANSWER)
        forgotten.set()
        await last.wait()
        await process.stop()

    world.run(course)
    # What was on its way at that moment is deleted with all other memories.
    assert [new.content for new in writing.stored] == [TEA, "I like olives very much."]


def test_work_that_is_taken_away_is_not_repeated_here() -> None:
    class _Lost(_Job):
        async def check(self, connection: Any) -> None:
            raise Superseded

    writing, user = Writing(), uuid.uuid4()
    job = _Lost("memory_learning", user, uuid.uuid4(), payload=TEA)
    with pytest.raises(Superseded):
        asyncio.run(learner(writing, NoDatabase(), user).run(job))
    assert writing.stored == []
