"""What the runner adds to a command's own time.

    python -m bench.runner --rounds 300

Each round runs `uname -a` in three ways, in an order that turns: started directly
(`posix_spawn`, with its output in a pipe), through the runner's socket, and through
`POST /v1/commands/catalog/default-kernel/execute` of the real program. The differences are taken
inside each round. Between two of them is a pause, in which the runner prepares for the next
command; `--no-pause` leaves it out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.programs import ENVIRONMENT, find_program
from pisovereign.runner.types import RunRequest
from tests.support.server import ALICE_KEY, Server

AIM_MS = 15.0
ARGV = ("uname", "-a")
ROUTE = "/v1/commands/catalog/default-kernel/execute"
PAUSE_S = 0.03
WARM_UP = 20
MOST_ROUNDS = 5000
Way = Callable[[], Awaitable[None]]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the request to the complete output, round by round."""

    environment: Environment
    pause_s: float
    direct_ms: list[float]
    runner_ms: list[float]
    route_ms: list[float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when the whole route's p50 misses the aim."""
    parser = argparse.ArgumentParser(prog="bench.runner", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--no-pause", action="store_true", help="one command right after the other")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 10 <= args.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be 10 to {MOST_ROUNDS}")
    environment, pause = describe(), 0.0 if args.no_pause else PAUSE_S
    with running() as server:
        times = asyncio.run(_measure(server, args.rounds, pause))
    result = Result(environment=environment, pause_s=pause, **times)
    publish(result, _table(result), args.output)
    return 0 if percentile(_added(result.route_ms, result.direct_ms), 0.5) <= AIM_MS else 1


async def _measure(server: Server, rounds: int, pause: float) -> dict[str, list[float]]:
    client = RunnerClient(server.data_dir / "run" / "runner.sock")
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:

        async def through_runner() -> None:
            result = await client.run(RunRequest(argv=ARGV))
            assert result.status == "completed", result

        async def through_route() -> None:
            async with session.post(ROUTE) as response:
                assert (await response.json())["status"] == "completed"

        ways: list[tuple[str, Way]] = [
            ("direct_ms", _directly),
            ("runner_ms", through_runner),
            ("route_ms", through_route),
        ]
        times: dict[str, list[float]] = {name: [] for name, _ in ways}
        for turn in range(WARM_UP + rounds):
            first = turn % len(ways)
            for name, way in ways[first:] + ways[:first]:
                begun = time.perf_counter()
                await way()
                times[name].append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(pause)
        return {name: values[WARM_UP:] for name, values in times.items()}


async def _directly() -> None:
    # Nothing else is to happen meanwhile, so it may block.
    _spawn()


def _spawn() -> None:
    """Return the least that running a program and reading its output takes."""
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1)]
    program = find_program(ARGV[0])
    assert program is not None
    pid = os.posix_spawn(program, ARGV, ENVIRONMENT, file_actions=actions)
    os.close(writing)
    while os.read(reading, 65536):
        pass
    os.close(reading)
    os.waitpid(pid, 0)


def _added(times: Sequence[float], direct: Sequence[float]) -> list[float]:
    return [time - least for time, least in zip(times, direct, strict=True)]


def _table(result: Result) -> str:
    shares = (0.5, 0.9, 0.99, 1.0)
    rows = {
        "started directly": result.direct_ms,
        "runner": result.runner_ms,
        "whole route": result.route_ms,
        "added by the runner": _added(result.runner_ms, result.direct_ms),
        "added by the whole route": _added(result.route_ms, result.direct_ms),
    }
    return table(
        ["`uname -a`, ms", "p50", "p90", "p99", "max"],
        [[name, *(percentile(times, share) for share in shares)] for name, times in rows.items()],
    )


if __name__ == "__main__":
    sys.exit(main())
