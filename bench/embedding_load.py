"""Embeddings under load: a search beside a long job, and many searches at once.

    python -m bench.embedding_load --texts 2000

Everything goes through the real engine's own socket, with the client that the API uses.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.config import Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.runtime import engine_target

WORDS = (
    "harbor", "storm", "keeper", "lamp", "bread", "market", "winter", "garden", "letter", "train",
    "window", "doctor", "river", "music", "Hafen", "Sturm", "Lampe", "Brot", "Markt", "Garten",
    "Brief", "Zug", "Fenster", "Arzt", "Fluss", "Musik",
)  # fmt: skip
AT_ONCE = 64
ALONE = 100
# The most texts that the engine takes in one request.
IN_ONE = 512
MOST_TEXTS = 20_000


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Times in milliseconds, throughput in texts a second."""

    environment: Environment
    texts: int
    alone_ms: list[float]
    beside_ms: list[float]
    job_s: float
    sequential_per_s: float
    concurrent_per_s: float


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.embedding_load", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--texts", type=int, default=2000, help="of the long job")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 100 <= args.texts <= MOST_TEXTS:
        parser.error(f"--texts must be 100 to {MOST_TEXTS}")
    environment = describe()
    with running() as server:
        target = engine_target(Config(), server.data_dir)
        result = asyncio.run(_measure(environment, target, args.texts))
    publish(result, _tables(result), args.output)
    return 0


async def _measure(environment: Environment, target: str, count: int) -> Result:
    client = EngineClient(target, timeout_s=300)
    draw = random.Random(1)
    try:
        alone = [await _search(client, draw) for _ in range(ALONE)]
        started = time.perf_counter()
        # As an index would send them: five to sixty words each.
        texts = [_text(draw, 5, 60) for _ in range(count)]
        job = asyncio.gather(
            *(client.embed(texts[at : at + IN_ONE]) for at in range(0, count, IN_ONE))
        )
        await asyncio.sleep(0.2)
        beside = []
        while not job.done():
            beside.append(await _search(client, draw))
            await asyncio.sleep(draw.uniform(0.0, 0.1))
        await job
        job_s = time.perf_counter() - started
        questions = [_text(draw, 4, 14) for _ in range(AT_ONCE)]
        started = time.perf_counter()
        for text in questions:
            await client.embed([text])
        one_by_one_s = time.perf_counter() - started
        started = time.perf_counter()
        await asyncio.gather(*(client.embed([text]) for text in questions))
        together_s = time.perf_counter() - started
    finally:
        await client.close()
    return Result(
        environment=environment,
        texts=count,
        alone_ms=alone,
        beside_ms=beside,
        job_s=job_s,
        sequential_per_s=AT_ONCE / one_by_one_s,
        concurrent_per_s=AT_ONCE / together_s,
    )


async def _search(client: EngineClient, draw: random.Random) -> float:
    text = _text(draw, 4, 14)
    started = time.perf_counter()
    await client.embed([text])
    return (time.perf_counter() - started) * 1000


def _text(draw: random.Random, least: int, most: int) -> str:
    return " ".join(draw.choices(WORDS, k=draw.randint(least, most)))


def _tables(result: Result) -> str:
    rows = [
        _row("a search alone", result.alone_ms),
        _row(f"beside a job of {result.texts} texts", result.beside_ms),
    ]
    rate = [
        ["one after the other", result.sequential_per_s],
        ["all at once", result.concurrent_per_s],
    ]
    return "\n\n".join(
        [
            table(["ms", "count", "p50", "p90", "p99", "max"], rows),
            f"The job took {result.job_s:.1f} s.",
            table([f"{AT_ONCE} searches", "texts/s"], rate),
        ]
    )


def _row(name: str, times: list[float]) -> list[object]:
    return [name, len(times), *(percentile(times, share) for share in (0.5, 0.9, 0.99, 1.0))]


if __name__ == "__main__":
    sys.exit(main())
