"""What a briefing adds to its slowest source.

    python -m bench.briefing --rounds 200

Each round asks three sources that take random times, the slowest of which is known, in the way of
the program; what is left is the briefing's own. The same again while one source never answers: then
the limit is the slowest. Beside that, `POST /v1/commands` of the real program with nothing
configured: a briefing whose sources take no time at all, over HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.actions.briefing import BriefingAction, MorningBriefing
from tests.actions.support import CALLER, STANDUP, FakeCalendar, FakeMail, FakeWeather, backends
from tests.support.server import ALICE_KEY, Server

AIM_MS = 50.0
LIMIT_S, FASTEST_S, SLOWEST_S = 0.3, 0.02, 0.15
SEED = 7


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, round by round."""

    environment: Environment
    added_ms: list[float]
    added_to_limit_ms: list[float]
    route_ms: list[float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when p99 misses the aim."""
    parser = argparse.ArgumentParser(prog="bench.briefing", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    add_output(parser)
    args = parser.parse_args(argv)
    environment, draw = describe(), random.Random(SEED)
    added = [asyncio.run(_added(draw, hang=False)) for _ in range(args.rounds)]
    to_limit = [asyncio.run(_added(draw, hang=True)) for _ in range(args.rounds // 10)]
    with running() as server:
        route = asyncio.run(_route(server, args.rounds))
    result = Result(
        environment=environment, added_ms=added, added_to_limit_ms=to_limit, route_ms=route
    )
    rows = [
        ("added to the slowest source", *_summary(added)),
        ("added to the limit, one source hangs", *_summary(to_limit)),
        ("whole route, nothing configured", *_summary(route)),
    ]
    publish(result, table(("ms", "p50", "p99", "most"), rows), args.output)
    return 0 if percentile(added, 0.99) + percentile(route, 0.99) <= AIM_MS else 1


async def _added(draw: random.Random, *, hang: bool) -> float:
    times = [draw.uniform(FASTEST_S, SLOWEST_S) for _ in range(3)]
    if hang:
        times[draw.randrange(3)] = 3600.0
    sources = backends(
        weather=FakeWeather(before=lambda: asyncio.sleep(times[0])),
        calendar=FakeCalendar([STANDUP] * 20, before=lambda: asyncio.sleep(times[1])),
        mail=FakeMail(before=lambda: asyncio.sleep(times[2])),
        briefing_limit_s=LIMIT_S,
    )
    action = BriefingAction(sources)
    started = time.perf_counter()
    await action.run(CALLER, MorningBriefing())
    return (time.perf_counter() - started - min(max(times), LIMIT_S)) * 1e3


async def _route(server: Server, rounds: int) -> list[float]:
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    taken: list[float] = []
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        for _ in range(rounds + 10):
            started = time.perf_counter()
            async with session.post("/v1/commands", json={"command": "briefing"}) as response:
                assert (await response.json())["command"] == "MorningBriefing"
            taken.append((time.perf_counter() - started) * 1e3)
    return taken[10:]


def _summary(values: Sequence[float]) -> tuple[float, float, float]:
    return percentile(values, 0.5), percentile(values, 0.99), max(values)


if __name__ == "__main__":
    sys.exit(main())
