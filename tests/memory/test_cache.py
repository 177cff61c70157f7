"""Indexes are bounded in bytes, and what has no place is ranked by the database alike."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.memory.retrieval import Retriever, SearchHit
from pisovereign.memory.tables import MEMORIES
from pisovereign.search_index.index_cache import IndexCache
from pisovereign.search_index.index_store import IndexStore
from pisovereign.search_index.ranking import VectorModel
from pisovereign.search_index.terms import Stemmer, TermHasher
from pisovereign.storage.pool import Database
from tests.memory.support import forget_all, remember
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, ALICE_KEY, BOB, BOB_KEY, Server

MODELS = (
    VectorModel("all-minilm-l6-v2", 384, frozenset(("en",))),
    VectorModel("use-multilingual", 512, None),
)
KEYS = {UUID(ALICE): ALICE_KEY, UUID(BOB): BOB_KEY}
AMPLE = 1 << 30


class Caches:
    """Caches over the suite's database, and a question of each user."""

    def __init__(self, server: Server, database: Database, encoders: EncoderSet) -> None:
        self._database = database
        self._encoders = encoders
        self._hasher = TermHasher((server.data_dir / "master.key").read_bytes(), Stemmer())

    def cache(self, limit: int) -> IndexCache:
        return IndexCache(IndexStore(MEMORIES, MODELS), limit)

    async def ask(self, cache: IndexCache, user: UUID) -> list[SearchHit]:
        retriever = Retriever(self._database, cache, self._encoders, self._hasher)
        return (await retriever.search(user, "lamp in room 7", limit=5)).found


def run(server: Server, work: Callable[[Caches], Awaitable[None]]) -> None:
    async def main() -> None:
        engine = EngineClient(str(server.data_dir / "run" / "engine.sock"))
        database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=PATIENCE_S)
        await database.open()
        try:
            encoders = [Encoder(engine, model.id, model.dimensions) for model in MODELS]
            await work(Caches(server, database, EncoderSet(engine, encoders)))
        finally:
            await database.close()
            await engine.close()

    asyncio.run(main())


class WaitingEncoders(EncoderSet):
    """Encoders that do not answer until they may."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__(engine, [Encoder(engine, MODELS[0].id, MODELS[0].dimensions)])
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def question(self, user: UUID, text: str, limit_s: float) -> dict[str, array[float]]:
        self.asked.set()
        await self.may_answer.wait()
        return await super().question(user, text, limit_s)


def test_no_connection_is_held_while_the_models_compute(memories: Server) -> None:
    remember(memories, "The lamp in room 7 is broken")

    async def main() -> None:
        engine = EngineClient(str(memories.data_dir / "run" / "engine.sock"))
        database = Database(memories.database_dsn(), pool_size=1, statement_timeout_s=PATIENCE_S)
        await database.open()
        encoders = WaitingEncoders(engine)
        caches = Caches(memories, database, encoders)
        search = asyncio.create_task(caches.ask(caches.cache(AMPLE), UUID(ALICE)))
        try:
            await encoders.asked.wait()
            # Had the search the only connection, both would wait for each other.
            await database.ping()
            assert not search.done()
            encoders.may_answer.set()
            assert len(await search) == 1
        finally:
            search.cancel()
            await database.close()
            await engine.close()

    asyncio.run(main())


def assert_alike(one: list[SearchHit], other: list[SearchHit]) -> None:
    """The same memories, but for those that fit equally: an index rounds cosines."""
    assert len(one) == 5
    by_id = {row.memory.id: row for row in one}
    for first, second in zip(one, other, strict=True):
        assert first.score == pytest.approx(second.score, abs=0.01)
        if same := by_id.get(second.memory.id):
            assert same.score == pytest.approx(second.score, abs=0.01)
            assert same.parts.lexical == pytest.approx(second.parts.lexical, abs=0.01)
            assert same.similarity == pytest.approx(second.similarity, abs=0.01)
    assert one[0].memory.id == other[0].memory.id


def tell(server: Server, *, begin: int, end: int) -> None:
    for number in range(begin, end):
        for key in KEYS.values():
            text = (
                f"The {('lamp', 'rug', 'bed', 'door')[number % 4]} in room {number} is {key[3:6]}"
            )
            remember(server, text, key=key)


def test_the_least_used_index_makes_room(memories: Server) -> None:
    tell(memories, begin=0, end=20)

    async def work(caches: Caches) -> None:
        ample = caches.cache(AMPLE)
        expected = {user: await caches.ask(ample, user) for user in KEYS}
        both = ample.nbytes
        narrow = caches.cache(both - 1)
        for user in (*KEYS, *KEYS):
            assert_alike(await caches.ask(narrow, user), expected[user])
            assert 0 < narrow.nbytes < both
        none = caches.cache(0)
        for user in KEYS:
            assert_alike(await caches.ask(none, user), expected[user])
            assert none.nbytes == 0

    run(memories, work)
    forget_all(memories, BOB_KEY)


def test_an_index_that_grows_beyond_the_bound_is_given_up(memories: Server) -> None:
    tell(memories, begin=0, end=20)

    async def work(caches: Caches) -> None:
        ample, user = caches.cache(AMPLE), UUID(ALICE)
        await caches.ask(ample, user)
        limit = ample.nbytes
        narrow = caches.cache(limit)
        assert_alike(await caches.ask(narrow, user), await caches.ask(ample, user))
        assert narrow.nbytes == limit
        tell(memories, begin=20, end=60)
        for _ in range(2):
            assert_alike(await caches.ask(narrow, user), await caches.ask(ample, user))
            assert ample.nbytes > limit
            assert narrow.nbytes == 0

    run(memories, work)
    forget_all(memories, BOB_KEY)
