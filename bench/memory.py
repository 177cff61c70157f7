"""The speed of a search among many memories of one user, through HTTP.

    python -m bench.memory --memories 50000 --seconds 40

The searches come as an open loop: at times that were drawn beforehand, with another question each
time. Then the parts of a search are timed one after the other, with the program's own classes on
its own database and engine, and what is left of a search without other load is HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from urllib.parse import urlencode

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.histogram import Latencies, Percentiles
from bench.memory_parts import Parts, encoders_of, search_alone, store_memories, time_parts
from bench.openloop import Load, run
from bench.program import running
from bench.report import add_output, percentile, publish, table
from bench.resident import Memory, of_program
from bench.retrieval.dataset import load
from pisovereign.engine_client.client import EngineClient
from tests.support.server import ALICE_KEY, Server

WARMUP_S = 3.0
HEADERS = {"Authorization": f"Bearer {ALICE_KEY}"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured.

    `open_loop` holds the latencies for each rate, with the generator's own lateness and failures;
    `alone_ms` those of searches one after the other; `parts` what they are made of.
    """

    environment: Environment
    memories: int
    first_search_ms: float
    open_loop: dict[str, tuple[Percentiles, Percentiles, dict[str, int]]]
    alone_ms: list[float]
    parts: Parts
    without_index: list[Memory]
    with_index: list[Memory]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the search among many memories.")
    parser.add_argument("--memories", type=int, default=50_000)
    parser.add_argument("--rate", type=float, nargs="+", default=[10.0, 50.0], help="a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each rate")
    parser.add_argument("--rounds", type=int, default=300, help="searches without other load")
    parser.add_argument("--in-database", action="store_true", help="allow no index in memory")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    settings = {"PISOVEREIGN_MEMORY__INDEX_BYTES": "0"} if args.in_database else {}
    with running(PISOVEREIGN_TELEMETRY__ACCESS_LOG="false", **settings) as server:
        result = _measure(server, environment, args)
    publish(result, _tables(result), args.output)
    return 0


def _measure(server: Server, environment: Environment, args: argparse.Namespace) -> Result:
    asyncio.run(_store(server, args.memories))
    questions = [question.text for question in load().questions]
    before = of_program(server)
    (first,) = asyncio.run(_alone(server, questions[:1]))
    with_index = of_program(server)
    open_loop = {}
    for rate in args.rate:
        outcome = run(
            Load(
                method="GET",
                url=f"{server.url}/v1/memories/search",
                queries=[urlencode({"q": question}) for question in questions],
                headers=HEADERS,
                rate=rate,
                warmup_s=WARMUP_S,
                seconds=args.seconds,
            )
        )
        times = [Latencies([text]).percentiles() for text in (outcome.latency, outcome.lateness)]
        open_loop[f"{rate:g}/s"] = (times[0], times[1], outcome.failures)
    asked = [questions[number % len(questions)] for number in range(args.rounds)]
    return Result(
        environment=environment,
        memories=args.memories,
        first_search_ms=first,
        open_loop=open_loop,
        alone_ms=asyncio.run(_alone(server, asked)),
        parts=asyncio.run(time_parts(server, asked)),
        without_index=before,
        with_index=with_index,
    )


async def _store(server: Server, memories: int) -> None:
    engine = EngineClient(str(server.data_dir / "run" / "engine.sock"))
    await store_memories(server, encoders_of(engine), memories)
    await engine.close()


async def _alone(server: Server, questions: list[str]) -> list[float]:
    async with aiohttp.ClientSession(server.url, headers=HEADERS) as session:
        return [await search_alone(session, question) for question in questions]


def _tables(result: Result) -> str:
    loads: list[list[object]] = [
        [rate, times.count, sum(failures.values()), times.p50_ms, times.p90_ms, times.p99_ms,
         times.max_ms, late.p99_ms]
        for rate, (times, late, failures) in result.open_loop.items()
    ]  # fmt: skip
    alone = [percentile(result.alone_ms, share) for share in (0.5, 0.99)]
    middle = {name: percentile(times, 0.5) for name, times in result.parts.ms.items()}
    rest = alone[0] - sum(middle.values())
    parts: list[list[object]] = [
        ["a search, alone", *alone],
        *([name, middle[name], percentile(times, 0.99)] for name, times in result.parts.ms.items()),
        ["the rest: HTTP, less what overlaps", rest, ""],
    ]
    memory: list[list[object]] = [
        [one.name, one.rss_mb, two.rss_mb]
        for one, two in zip(result.without_index, result.with_index, strict=True)
    ]
    return "\n\n".join(
        (
            f"{result.memories} memories; the first search, which loads the index:"
            f" {result.first_search_ms:.0f} ms; the index: {result.parts.index_mb:.1f} MB",
            table(["ms", "n", "failed", "p50", "p90", "p99", "max", "late p99"], loads),
            table(["ms", "p50", "p99"], parts),
            table(["RSS in MB", "before", "after"], memory),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
