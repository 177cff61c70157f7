"""What a search among memories consists of, timed with the program's own classes."""

from __future__ import annotations

import math
import random
import time
from array import array
from collections.abc import Sequence
from uuid import UUID, uuid4

import aiohttp
import msgspec

from bench.retrieval.dataset import load
from bench.retrieval.local_index import MODELS
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import SEARCH_LIMIT_S, Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.languages.letters import likely_language
from pisovereign.memory import store
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.retrieval import SPARE_CANDIDATES, hits
from pisovereign.memory.tables import MEMORIES
from pisovereign.memory.types import KINDS, FoundMemory, MemoryText
from pisovereign.memory.writer import open_writer
from pisovereign.search_index.index import OwnerIndex
from pisovereign.search_index.index_store import IndexStore
from pisovereign.search_index.index_types import RankQuery
from pisovereign.search_index.terms import Stemmer, TermHasher
from pisovereign.search_index.versions import current_version
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from tests.support.server import ALICE, Server

USER = UUID(ALICE)
LIMIT = 10
WRITTEN_AT_ONCE = 500
WARM_UP = 20
MB = 1_000_000


class Parts(msgspec.Struct, frozen=True):
    """Milliseconds of each part of the searches, and megabytes of the index."""

    ms: dict[str, list[float]]
    index_mb: float


def encoders_of(engine: EngineClient) -> EncoderSet:
    """Return encoders of both models, which cache nothing."""
    return EncoderSet(engine, [Encoder(engine, model.id, model.dimensions) for model in MODELS])


class _Watch:
    """Laps with names."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}
        self._last = 0.0

    def start(self) -> None:
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.ms.setdefault(name, []).append((now - self._last) * 1000)
        self._last = now


async def time_parts(server: Server, questions: Sequence[str]) -> Parts:
    """Do what a search does for each question, and time it."""
    engine = EngineClient(str(server.data_dir / "run" / "engine.sock"))
    database = Database(server.database_dsn(), pool_size=2, statement_timeout_s=60)
    await database.open()
    index = await _index(database)
    watch = _Watch()
    key = (server.data_dir / "master.key").read_bytes()
    search = _Search(database, index, encoders_of(engine), key, watch)
    for question in (*questions[:WARM_UP], *questions):
        await search.run(question)
    await database.close()
    await engine.close()
    return Parts({name: times[WARM_UP:] for name, times in watch.ms.items()}, index.nbytes / MB)


class _Search:
    """The steps of `Retriever.search` and of the route, with a lap after each."""

    def __init__(
        self, database: Database, index: OwnerIndex, encoders: EncoderSet, key: bytes, watch: _Watch
    ) -> None:
        self._database = database
        self._index = index
        self._encoders = encoders
        self._hasher = TermHasher(key, Stemmer())
        self._sealer = TextSealer(Sealer(key))
        self._watch = watch
        self._json = msgspec.json.Encoder()

    async def run(self, question: str) -> None:
        """One search."""
        watch = self._watch
        watch.start()
        vectors = await self._encoders.question(USER, question, SEARCH_LIMIT_S)
        watch.lap("embedding by both models, by the engine")
        language = likely_language(question)
        terms = self._hasher.query(USER, question, language)
        watch.lap("words of the query")
        await current_version(self._database, MEMORIES, USER)
        watch.lap("PostgreSQL: version, which is read during the embedding")
        query = RankQuery(vectors, terms, language, None, LIMIT + SPARE_CANDIDATES)
        candidates = self._index.rank(query)
        watch.lap("ranking")
        rows = await store.found(self._database, USER, [found.id for found in candidates])
        watch.lap("PostgreSQL: rows")
        found = hits(candidates, rows)[:LIMIT]
        watch.lap("scores")
        texts = [self._sealer.open(USER, hit.memory.id, hit.memory.sealed) for hit in found]
        watch.lap("unsealing")
        body = [
            FoundMemory(
                id=hit.memory.id,
                content=text.content,
                summary=text.summary,
                memory_type=hit.memory.kind,
                importance=hit.memory.importance,
                access_count=hit.memory.access_count,
                tags=text.tags,
                created_at=hit.memory.created_at,
                updated_at=hit.memory.updated_at,
                similarity=hit.similarity,
                score=hit.score,
                score_parts=hit.parts,
            )
            for text, hit in zip(texts, found, strict=True)
        ]
        self._json.encode(body)
        watch.lap("JSON")


async def _index(database: Database) -> OwnerIndex:
    index, source = OwnerIndex(MODELS, KINDS), IndexStore(MEMORIES, MODELS)
    async with database.transaction(USER) as connection:
        async for rows in source.batches(connection, USER):
            for row in rows:
                index.put(row)
    return index


async def search_alone(session: aiohttp.ClientSession, question: str) -> float:
    """Milliseconds of one search through HTTP."""
    started = time.perf_counter()
    async with session.get("/v1/memories/search", params={"q": question}) as response:
        found = msgspec.json.decode(await response.read())
        assert response.status == 200
        assert len(found) == LIMIT
    return (time.perf_counter() - started) * 1000


async def store_memories(server: Server, encoders: EncoderSet, memories: int) -> None:
    """Put memories into the database as the program does, but many in one transaction.

    Two texts of the labeled set make one memory.
    """
    key = (server.data_dir / "master.key").read_bytes()
    maker = RowBuilder(TextSealer(Sealer(key)), encoders, TermHasher(key, Stemmer()))
    texts, chance = load().memories, random.Random(1)
    vectors: dict[str, list[array[float]]] = {model: [] for model in encoders.models}
    for at in range(0, len(texts), 64):
        for model, made in (await encoders.encode(texts[at : at + 64])).items():
            vectors[model] += made
    database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=60)
    await database.open()
    for begin in range(0, memories, WRITTEN_AT_ONCE):
        async with open_writer(database, USER) as writer:
            for _ in range(min(WRITTEN_AT_ONCE, memories - begin)):
                one, two = chance.randrange(len(texts)), chance.randrange(len(texts))
                content = f"{texts[one]} {texts[two]}"
                text = MemoryText(content, content[:40], [])
                between = {model: _between(made[one], made[two]) for model, made in vectors.items()}
                await writer.add(
                    maker.row(USER, uuid4(), text, between, kind="fact", importance=0.5)
                )
    await database.close()


def _between(one: array[float], two: array[float]) -> array[float]:
    """Return the direction between two vectors, as that of two texts in a row is."""
    total = [a + b for a, b in zip(one, two, strict=True)]
    length = math.hypot(*total)
    return array("f", (number / length for number in total))
