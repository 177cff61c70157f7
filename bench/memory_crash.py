"""What is left of memories that are written while processes are killed at random points.

    python -m bench.memory_crash --memories 2000

Four clients store memories over HTTP and send each again until it is acknowledged. Meanwhile an
API worker, a backend of PostgreSQL, PostgreSQL itself, the engine, or all processes at once are
killed with SIGKILL. At the end all are killed once more; then each memory is looked for.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.memory.crash import Counts, count_what_is_left, wait_for_vectors, write_through_kills


class Result(msgspec.Struct, frozen=True):
    """What was killed how often, and what was left; the time that the writing took."""

    environment: Environment
    seed: int
    kills: dict[str, int]
    left: Counts
    writing_s: float


def main(argv: Sequence[str] | None = None) -> int:
    """Write, kill, count and print; exit code 1 when a memory is lost, not found, or twice."""
    parser = argparse.ArgumentParser(
        prog="bench.memory_crash", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--memories", type=int, default=2000)
    parser.add_argument("--between", type=int, default=40, help="memories from kill to kill, about")
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running() as server:
        started = time.perf_counter()
        written = write_through_kills(server, args.memories, between=args.between, seed=args.seed)
        seconds = time.perf_counter() - started
        server.kill_everything()
        server.start()
        wait_for_vectors(server, args.memories)
        left = count_what_is_left(server, written)
    result = Result(environment, args.seed, dict(written.kills), left, round(seconds, 1))
    publish(result, _table(result), args.output)
    whole = left.acknowledged == left.there == left.found == args.memories
    return 0 if whole and left.twice == 0 else 1


def _table(result: Result) -> str:
    left = result.left
    counts: list[list[object]] = [
        ["acknowledged", left.acknowledged],
        ["sent more than once", left.repeated],
        ["there", left.there],
        ["found by a search", left.found],
        ["there twice", left.twice],
    ]
    kills: list[list[object]] = [[name, count] for name, count in sorted(result.kills.items())]
    return "\n\n".join((table(["killed", "times"], kills), table(["memories", "count"], counts)))


if __name__ == "__main__":
    sys.exit(main())
