"""How often an approved command is executed while what executes it is killed.

    python -m bench.approval_crash --rounds 50

Each round asks for four approvals and has two clients approve each of them at the same moment.
Meanwhile an API worker, the runner, a backend of PostgreSQL, everything at once, or nothing is
killed with SIGKILL. Each command leaves a mark first; executions are counted by their marks.
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
from tests.approvals.crash import VICTIMS, Counts, Crashes


class Result(msgspec.Struct, frozen=True):
    """What was left, and how long it took."""

    environment: Environment
    seed: int
    counts: Counts
    seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Approve, kill, count and print; exit code 1 when something is twice, unseen or untold."""
    parser = argparse.ArgumentParser(
        prog="bench.approval_crash", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    started = time.perf_counter()
    with (
        running(PISOVEREIGN_SERVER__WORKERS="2") as server,
        Crashes(server, args.seed) as crashes,
    ):
        for number in range(args.rounds):
            # Now and then a lease is left to run out by itself.
            crashes.round(VICTIMS[number % len(VICTIMS)], patient=number % 20 == 0)
        counts = crashes.count()
    result = Result(environment, args.seed, counts, round(time.perf_counter() - started, 1))
    publish(result, _table(result), args.output)
    wrong = counts.twice + counts.unseen + counts.cut + counts.untold
    return 0 if wrong == 0 and counts.audit_intact else 1


def _table(result: Result) -> str:
    counts = result.counts
    executions: list[list[object]] = [
        ["approvals, each approved by two", counts.approvals],
        ["executed once", counts.once],
        ["never executed", counts.never],
        ["executed twice", counts.twice],
        ["said to have completed, and not executed", counts.unseen],
        ["said to have completed, and cut short", counts.cut],
        ["executed, with a command that was killed", counts.killed],
        ["with a log that is not whole", counts.untold],
        *([f"ended as {status}", count] for status, count in sorted(counts.ended.items())),
    ]
    kills: list[list[object]] = [[name, count] for name, count in counts.kills.items()]
    return "\n\n".join(
        (table(["killed", "times"], kills), table(["approvals", "count"], executions))
    )


if __name__ == "__main__":
    sys.exit(main())
