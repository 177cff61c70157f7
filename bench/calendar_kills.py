"""What is left of events that are created while the processes that create them are killed.

    python -m bench.calendar_kills --kills 1000

Against a real calendar server (Radicale with TLS and a password) on loopback. Each process gets
SIGKILL at a random moment, or as soon as the server has stored the event and before its answer is
read; then the next process is given the same event, until one says that it is done.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from tests.connectors.calendar.kills import Left, with_a_server


class Result(msgspec.Struct, frozen=True):
    """What was killed, what was left, and the time that it took."""

    environment: Environment
    seed: int
    left: Left
    seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Create, kill, count and print; exit code 1 when an event is missing, or there twice."""
    parser = argparse.ArgumentParser(
        prog="bench.calendar_kills", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    started = time.perf_counter()
    left = with_a_server(args.kills, args.seed)
    seconds = round(time.perf_counter() - started, 1)
    rows = [[name.replace("_", " "), count] for name, count in msgspec.structs.asdict(left).items()]
    publish(Result(environment, args.seed, left, seconds), table(["", "count"], rows), args.output)
    return 1 if left.missing + left.twice + left.strangers else 0


if __name__ == "__main__":
    sys.exit(main())
