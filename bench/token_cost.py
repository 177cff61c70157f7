"""What one streamed token costs the API, in microseconds of CPU.

    python -m bench.token_cost --rounds 5

A stub streams long and short answers, a token every 4 ms, to several clients at once; the cost is
the difference of the API worker's CPU time between the two, over the tokens by which they differ.
So what a request costs as a whole is not in it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.asgi_server import serve
from bench.dialogue import Say, Target
from bench.environment import Environment, describe
from bench.player import play
from bench.program import running
from bench.report import add_output, publish, table
from bench.resident import parent
from tests.support.server import ALICE_KEY, Server

SHORT, LONG = 50, 450


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds of CPU for one token: the median of all rounds, and each of them."""

    clients: int
    median_us: float
    rounds_us: list[float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All costs and what they were measured on."""

    environment: Environment
    costs: list[Cost]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.token_cost", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        log = Path(folder) / "stub.log"
        with (
            serve("bench.slow_stub:app", log, access_log=False) as engine,
            running(PISOVEREIGN_INFERENCE__BASE_URL=f"{engine}/v1") as server,
        ):
            worker = _worker(server)
            target = Target(
                dialect="pisovereign",
                url=f"{server.url}/v1/chat/stream",
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {ALICE_KEY}",
                },
            )
            costs = [_cost(target, worker, clients, args.rounds) for clients in args.clients]
    result = Result(environment=environment, costs=costs)
    rows = [(cost.clients, cost.median_us, _range(cost.rounds_us)) for cost in costs]
    publish(result, table(("clients", "µs a token", "rounds"), rows), args.output)
    return 0


def _cost(target: Target, worker: int, clients: int, rounds: int) -> Cost:
    def spent(tokens: int) -> float:
        before = _cpu_s(worker)
        talk = [
            Say(conversation=str(i), message="Go on.", max_tokens=tokens) for i in range(clients)
        ]
        play(target, [talk])
        return _cpu_s(worker) - before

    spent(SHORT)
    costs = [1e6 * (spent(LONG) - spent(SHORT)) / clients / (LONG - SHORT) for _ in range(rounds)]
    return Cost(clients=clients, median_us=statistics.median(costs), rounds_us=costs)


def _worker(server: Server) -> int:
    master = server.child("pisovereign.cli.serve api")
    return next(pid for pid in server.descendants() if parent(pid) == master)


def _cpu_s(pid: int) -> float:
    """CPU seconds of all threads of a process, to the nanosecond."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f}"


if __name__ == "__main__":
    sys.exit(main())
