"""Decoding under the scheduler beside a bare loop over the same context.

    python -m bench.decode --sequences 1 4 8 16 --rounds 5

Two processes take turns with the same model and settings. `bare` feeds every sequence its most
likely token and does nothing else: the speed that the kernels give. `engine` is the engine's loop,
from the scheduler over sampling with the API's defaults to the events on the event loop, without
HTTP. Each prints the median time of a step.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from bench.decode_loops import LOOPS
from bench.environment import Environment, describe
from bench.report import add_output, publish, table


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of a step, the medians of all rounds; `ratio` is bare to engine, per round."""

    sequences: int
    bare_ms: float
    engine_ms: float
    ratio: float
    ratios: list[float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they were measured on."""

    environment: Environment
    threads: int
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.decode", description=__doc__.partition("\n")[0])
    parser.add_argument("--sequences", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    rows = [_row(sequences, args.threads, args.rounds) for sequences in args.sequences]
    result = Result(environment=environment, threads=args.threads, rows=rows)
    head = ("sequences", "bare ms", "engine ms", "bare / engine", "rounds")
    lines = [
        (*(r.sequences, r.bare_ms, r.engine_ms, r.ratio), " ".join(f"{x:.2f}" for x in r.ratios))
        for r in rows
    ]
    publish(result, table(head, lines), args.output)
    return 0


def _row(sequences: int, threads: int, rounds: int) -> Row:
    steps: dict[str, list[float]] = {loop: [] for loop in LOOPS}
    for number in range(rounds):
        for loop in LOOPS if number % 2 else reversed(LOOPS):
            argv = [sys.executable, "-m", "bench.decode_loops", loop, str(sequences), str(threads)]
            done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, timeout=120)
            steps[loop].append(float(done.stdout))
    ratios = [bare / engine for bare, engine in zip(steps["bare"], steps["engine"], strict=True)]
    return Row(
        sequences=sequences,
        bare_ms=statistics.median(steps["bare"]),
        engine_ms=statistics.median(steps["engine"]),
        ratio=statistics.median(ratios),
        ratios=ratios,
    )


if __name__ == "__main__":
    sys.exit(main())
