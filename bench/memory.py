"""The speed of a search among many memories of one user, through HTTP.

    python -m bench.memory --memories 50000 --rounds 400

Each round embeds a question by the engine alone, and searches for another one by the route, in an
order that turns. The difference of their medians is what everything but the embedding costs: HTTP,
ranking, PostgreSQL, opening what is sealed.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
import time
from array import array
from collections.abc import Sequence
from uuid import UUID, uuid4

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from bench.resident import Memory, of_program
from bench.retrieval.dataset import load
from pisovereign.engine.client import EngineClient
from pisovereign.memory.embedding import Encoder
from pisovereign.memory.rows import RowMaker
from pisovereign.memory.sealed import Text, TextSealer
from pisovereign.memory.terms import Stemmer, TermHasher
from pisovereign.memory.writer import writing
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from tests.support.server import ALICE, ALICE_KEY, Server

USER = UUID(ALICE)
MODEL = "all-minilm-l6-v2"
WRITTEN_AT_ONCE = 500


class Result(msgspec.Struct, frozen=True):
    """Milliseconds of the two kinds of requests, and memory without and with the index."""

    environment: Environment
    memories: int
    rounds: int
    first_search_ms: float
    search_ms: list[float]
    embedding_ms: list[float]
    without_index: list[Memory]
    with_index: list[Memory]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the search among many memories.")
    parser.add_argument("--memories", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--in-database", action="store_true", help="allow no index in memory")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    settings = {"PISOVEREIGN_MEMORY__INDEX_BYTES": "0"} if args.in_database else {}
    with running(PISOVEREIGN_TELEMETRY__ACCESS_LOG="false", **settings) as server:
        result = asyncio.run(_measure(server, environment, args.memories, args.rounds))
    publish(result, _tables(result), args.output)
    return 0


async def _measure(server: Server, environment: Environment, memories: int, rounds: int) -> Result:
    engine = EngineClient(str(server.data_dir / "run" / "engine.sock"))
    encoder = Encoder(engine, MODEL)
    await _store(server, encoder, memories)
    before = of_program(server)
    questions = [question.text for question in load().questions]
    searches, embeddings = [], []
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        first = await _search(session, questions[0])
        for number in range(rounds):
            asked = questions[number % len(questions)]
            other = questions[(number * 7 + 3) % len(questions)]
            if number % 2:
                searches.append(await _search(session, asked))
            started = time.perf_counter()
            await encoder.encode([other])
            embeddings.append((time.perf_counter() - started) * 1000)
            if not number % 2:
                searches.append(await _search(session, asked))
    await engine.close()
    return Result(
        environment, memories, rounds, first, searches, embeddings, before, of_program(server)
    )


async def _search(session: aiohttp.ClientSession, question: str) -> float:
    started = time.perf_counter()
    async with session.get("/v1/memories/search", params={"q": question}) as response:
        found = msgspec.json.decode(await response.read())
        assert response.status == 200
        assert len(found) == 10
    return (time.perf_counter() - started) * 1000


async def _store(server: Server, encoder: Encoder, memories: int) -> None:
    """Put memories into the database as the program does, but many in one transaction.

    Two texts of the labelled set make one memory.
    """
    sealer = TextSealer(Sealer((server.data_dir / "master.key").read_bytes()))
    hasher = TermHasher((server.data_dir / "master.key").read_bytes(), Stemmer())
    maker = RowMaker(sealer, encoder, hasher)
    texts, chance = load().memories, random.Random(1)
    vectors = [
        v for at in range(0, len(texts), 64) for v in await encoder.encode(texts[at : at + 64])
    ]
    database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=60)
    await database.open()
    for begin in range(0, memories, WRITTEN_AT_ONCE):
        async with writing(database, USER) as writer:
            for _ in range(min(WRITTEN_AT_ONCE, memories - begin)):
                one, two = chance.randrange(len(texts)), chance.randrange(len(texts))
                content = f"{texts[one]} {texts[two]}"
                text, vector = Text(content, content[:40], []), _between(vectors[one], vectors[two])
                await writer.add(
                    maker.row(USER, uuid4(), text, vector, kind="fact", importance=0.5)
                )
    await database.close()


def _between(one: array[float], two: array[float]) -> array[float]:
    """The direction between two vectors, as that of two texts in a row is."""
    total = [a + b for a, b in zip(one, two, strict=True)]
    length = math.hypot(*total)
    return array("f", (number / length for number in total))


def _tables(result: Result) -> str:
    search, embedding = _cuts(result.search_ms), _cuts(result.embedding_ms)
    rows: list[list[object]] = [
        ["search", *search],
        ["embedding", *embedding],
        ["difference", *(one - two for one, two in zip(search, embedding, strict=True))],
    ]
    memory = [
        [one.name, one.rss_mb, two.rss_mb]
        for one, two in zip(result.without_index, result.with_index, strict=True)
    ]
    return "\n\n".join(
        (
            f"{result.memories} memories; the first search, which loads the index:"
            f" {result.first_search_ms:.0f} ms",
            table(["ms", "p50", "p99"], rows),
            table(["RSS in MB", "before", "after"], memory),
        )
    )


def _cuts(values: list[float]) -> list[float]:
    """Median and 99th percentile."""
    ordered = sorted(values)
    return [ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.99)]


if __name__ == "__main__":
    sys.exit(main())
