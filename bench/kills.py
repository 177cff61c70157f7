"""How soon all works again after any process is killed, and what was lost or done twice.

    python -m bench.kills --kills 1000 --seconds 3600

Five clients write without pause: memories, reminders, items of lists, chats, and commands that are
approved and leave a mark. Meanwhile an API worker, the API, the engine (with its encoders), the
runner, PostgreSQL or one of its processes, the supervisor, or everything is killed with SIGKILL. A
recovery lasts from the kill until each of the five has succeeded with something that was begun
after it; the next kill comes up to 0.7 s later. At the end everything is killed once more, and all
that was acknowledged is looked for.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.supervisor.mixed_kills import Kill, kill_again_and_again
from tests.supervisor.mixed_writes import Left, MixedWrites

AIM_S = 5.0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Every kill, what is left of each kind of write, and how long it all took."""

    environment: Environment
    seed: int
    kills: list[Kill]
    left: dict[str, Left]
    seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Kill, wait, count and print; exit code 1 when something is lost, twice, or away too long."""
    parser = argparse.ArgumentParser(prog="bench.kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=3600, help="stop killing after as long")
    parser.add_argument("--workers", type=int, default=1, help="of the API")
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with (
        running(PISOVEREIGN_SERVER__WORKERS=str(args.workers)) as server,
        MixedWrites(server) as writes,
    ):
        began = time.monotonic()
        until = began + args.seconds
        kills: list[Kill] = []
        stuck = ""
        try:
            for kill in kill_again_and_again(
                server, writes, args.kills, seed=args.seed, until=until
            ):
                kills.append(kill)
                print(f"{len(kills)}: {kill.victim}: {kill.recovery_s:.2f} s", file=sys.stderr)
        except AssertionError as error:
            stuck = str(error)
            print(stuck, file=sys.stderr)
        seconds = time.monotonic() - began
        writes.stop()
        server.kill_everything()
        server.start()
        left = writes.left()
    result = Result(
        environment=environment, seed=args.seed, kills=kills, left=left, seconds=round(seconds, 1)
    )
    publish(result, _table(result), args.output)
    whole = not stuck and all(one.lost == one.doubled == 0 for one in left.values())
    return 0 if whole and percentile([k.recovery_s for k in kills], 0.99) <= AIM_S else 1


def _table(result: Result) -> str:
    by_victim: dict[str, list[float]] = defaultdict(list)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kill in result.kills:
        by_victim[kill.victim].append(kill.recovery_s)
        for kind, seconds in kill.seconds.items():
            by_kind[kind].append(seconds)
    every = [kill.recovery_s for kill in result.kills]
    counts = [
        [kind, one.tried, one.acknowledged, one.lost, one.doubled]
        for kind, one in result.left.items()
    ]
    head = ["times", "p50 s", "p90 s", "p99 s", "max s"]
    return "\n\n".join(
        (
            table(["killed", *head], _rows(by_victim) + _rows({"any": every})),
            table(["works again", *head], _rows(by_kind)),
            table(["written", "tried", "acknowledged", "lost", "twice"], counts),
        )
    )


def _rows(groups: dict[str, list[float]]) -> list[list[object]]:
    return [
        [name, len(times), *(percentile(times, share) for share in (0.5, 0.9, 0.99)), max(times)]
        for name, times in groups.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
