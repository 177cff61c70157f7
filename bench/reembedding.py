"""Searches at a steady rate while every memory is read again by a second embedding model.

    python -m bench.reembedding --memories 10000 --rate 5

Memories are stored while the first model alone is configured. The program is started again with
both and makes the missing vectors; meanwhile questions arrive at fixed times, whether or not the
last one was answered, each about one memory, which has to be among the ten that are found.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.config import Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.types import MemoryText
from pisovereign.memory.writer import open_writer
from pisovereign.runtime import engine_target
from pisovereign.search_index.terms import Stemmer, TermHasher
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from tests.support.server import ALICE, ALICE_KEY, Server

FIRST = ("all-minilm-l6-v2", 384)
WRITTEN_AT_ONCE = 500
BEFORE_S = 20.0
LIMIT_S = 1800.0
PLACES = ("locker", "shed", "cellar", "attic", "kitchen", "garage", "office", "garden")
THINGS = ("parcel", "ladder", "lamp", "bicycle", "kettle", "tent", "violin", "toolbox")


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Searches of one phase, timed from when each was due, and how many found their memory."""

    name: str
    seconds: float
    searches: int
    found: int
    failed: int
    p50_ms: float
    p99_ms: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    environment: Environment
    memories: int
    rate: float
    phases: list[Phase]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.reembedding", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--memories", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=5.0, help="searches a second")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running(PISOVEREIGN_MEMORY__EMBEDDING_MODELS=json.dumps([FIRST[0]])) as server:
        asyncio.run(_store(server, args.memories))
        server.stop()
        del server.environment["PISOVEREIGN_MEMORY__EMBEDDING_MODELS"]
        server.start()
        phases = asyncio.run(_measure(server, args.memories, args.rate))
    result = Result(environment=environment, memories=args.memories, rate=args.rate, phases=phases)
    publish(result, _table(result), args.output)
    return 0


def _content(number: int) -> str:
    thing, place = THINGS[number % 8], PLACES[number // 8 % 8]
    return f"The {thing} with the number {number} stands in the {place} on shelf {number % 97}"


async def _store(server: Server, count: int) -> None:
    """Store the memories as the program would with the first model alone."""
    key = (server.data_dir / "master.key").read_bytes()
    engine = EngineClient(engine_target(Config(), server.data_dir), timeout_s=300)
    encoder = Encoder(engine, *FIRST)
    rows = RowBuilder(TextSealer(Sealer(key)), EncoderSet(engine, []), TermHasher(key, Stemmer()))
    database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=60)
    await database.open()
    user = UUID(ALICE)
    for begin in range(0, count, WRITTEN_AT_ONCE):
        contents = [_content(n) for n in range(begin, min(count, begin + WRITTEN_AT_ONCE))]
        vectors = await encoder.encode(contents, 300)
        async with open_writer(database, user) as writer:
            for content, vector in zip(contents, vectors, strict=True):
                text = MemoryText(content, content[:40], [])
                row = rows.row(user, uuid4(), text, {FIRST[0]: vector}, kind="fact", importance=0.5)
                await writer.add(row)
    await database.close()
    await engine.close()


async def _measure(server: Server, count: int, rate: float) -> list[Phase]:
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        # The first search loads the index.
        await _Phase("", session, count).search(0, 0.0)
        during = _Phase("while they are read again", session, count)
        await during.run(rate, LIMIT_S, until_read=True)
        after = _Phase("afterwards", session, count)
        await after.run(rate, BEFORE_S, until_read=False)
    return [during.result(), after.result()]


class _Phase:
    """Questions that arrive at a steady rate."""

    def __init__(self, name: str, session: aiohttp.ClientSession, count: int) -> None:
        self._name = name
        self._session = session
        self._count = count
        self._times: list[float] = []
        self._found = self._failed = 0
        self._seconds = 0.0

    async def run(self, rate: float, limit_s: float, *, until_read: bool) -> None:
        started, asked = time.perf_counter(), 0
        tasks = set[asyncio.Task[None]]()
        while (now := time.perf_counter() - started) < limit_s:
            if until_read and asked % max(1, round(rate)) == 0 and await self._all_read():
                break
            due = asked / rate
            await asyncio.sleep(max(0.0, due - now))
            tasks.add(asyncio.create_task(self.search(asked * 7919 % self._count, started + due)))
            asked += 1
        await asyncio.gather(*tasks)
        self._seconds = time.perf_counter() - started

    async def _all_read(self) -> bool:
        async with self._session.get("/v1/memories/stats") as response:
            progress = (await response.json())["embeddings"]
        return all(row["embedded"] == self._count for row in progress)

    async def search(self, number: int, due: float) -> None:
        """Ask for one memory that was due at a moment of the clock."""
        question = f"Where is the {THINGS[number % 8]} with number {number}?"
        async with self._session.get("/v1/memories/search", params={"q": question}) as response:
            rows = await response.json()
        self._times.append((time.perf_counter() - due) * 1000)
        if response.status != 200:
            self._failed += 1
        elif _content(number) in {row["content"] for row in rows}:
            self._found += 1

    def result(self) -> Phase:
        return Phase(
            name=self._name,
            seconds=self._seconds,
            searches=len(self._times),
            found=self._found,
            failed=self._failed,
            p50_ms=percentile(self._times, 0.5),
            p99_ms=percentile(self._times, 0.99),
        )


def _table(result: Result) -> str:
    head = ["searches", "seconds", "asked", "found", "failed", "p50 ms", "p99 ms"]
    rows = [
        [p.name, p.seconds, p.searches, p.found, p.failed, p.p50_ms, p.p99_ms]
        for p in result.phases
    ]
    return f"{result.memories} memories, {result.rate:g} searches a second\n\n{table(head, rows)}"


if __name__ == "__main__":
    sys.exit(main())
