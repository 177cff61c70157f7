"""How well and how fast commands are read: by rules, the intent model and the language model.

    python -m bench.parse
    python -m bench.parse --stage intents
    python -m bench.parse --stage model --model qwen2.5-1.5b-instruct
    python -m bench.parse --show tuning

`--show` also prints each case of a set that is read wrongly. The held-out set is meant to be looked
at in sums only.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from bench.environment import Environment, describe
from bench.parse.cases import CATALOG, NOW, ZONE, Case, has_side_effect, load, same
from bench.parse.stages import read_all
from bench.report import add_output, publish, table
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CLEAR, Parsed

SETS = ("tuning", "held_out", "free")
BINS = (0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 1.01)


class Read(NamedTuple):
    """A case, and how it was read."""

    case: Case
    parsed: Parsed
    seconds: float

    @property
    def right(self) -> bool:
        """The very command with each slot, or none where there is none."""
        return same(self.case.command, self.parsed.command)


class Score(msgspec.Struct, frozen=True):
    """How many cases of a kind were read rightly.

    `acted` counts side effects that nobody asked for, and that are stated surely enough to be
    carried out.
    """

    cases: int
    right: float
    commands: int
    commands_right: float
    acted: int


class Bin(msgspec.Struct, frozen=True):
    """Answers of one range of confidence: what was said on average, and what was true."""

    low: float
    high: float
    cases: int
    confidence: float
    true: float


class Result(msgspec.Struct, frozen=True):
    """Everything that was measured; times are milliseconds."""

    environment: Environment
    scores: dict[str, Score]
    reliability: dict[str, list[Bin]]
    p50_ms: dict[str, float]
    p99_ms: dict[str, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how commands are read.")
    parser.add_argument("--show", choices=SETS)
    parser.add_argument("--stage", choices=("rules", "intents", "model"), default="rules")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--rounds", type=int, default=5)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    if args.stage == "rules":
        reads = {name: measure(load(name), args.rounds) for name in SETS}
    else:
        by_model = args.stage == "model"
        reads = {
            name: [Read(*row) for row in read_all(load(name), args.model, allow_model=by_model)]
            for name in SETS
        }
    groups = {
        f"{name} {language}": [r for r in of if language in ("all", r.case.language)]
        for name, of in reads.items()
        for language in ("en", "de", "all")
    }
    result = Result(
        environment,
        {name: score(of) for name, of in groups.items()},
        {name: reliability(of) for name, of in reads.items()},
        {name: _percentile(of, 0.5) for name, of in groups.items()},
        {name: _percentile(of, 0.99) for name, of in groups.items()},
    )
    publish(result, _tables(result), args.output)
    if args.show:
        _show(reads[args.show])
    return 0


def measure(cases: Sequence[Case], rounds: int) -> list[Read]:
    """Read each case, `rounds` times; the time is the median.

    It is processor time: rules wait for nothing, and others may use the machine.
    """
    parser = Parser()
    reads: list[Read] = []
    for case in cases:
        times: list[float] = []
        for _ in range(rounds):
            started = time.thread_time()
            parsed = parser.parse(case.words, NOW, ZONE, CATALOG)
            times.append(time.thread_time() - started)
        reads.append(Read(case, parsed, sorted(times)[rounds // 2]))
    return reads


def score(reads: Sequence[Read]) -> Score:
    """Count what is right."""
    commands = [r for r in reads if r.case.command is not None]
    return Score(
        cases=len(reads),
        right=_share(reads),
        commands=len(commands),
        commands_right=_share(commands),
        acted=sum(
            r.case.command is None
            and r.parsed.confidence >= CLEAR
            and has_side_effect(r.parsed.command)
            for r in reads
        ),
    )


def reliability(reads: Sequence[Read]) -> list[Bin]:
    """Compare stated confidence with what is true.

    True is an answer with a command when it is the right one, and one without when there was one.
    """
    rows: list[Bin] = []
    for low, high in pairwise(BINS):
        of = [r for r in reads if low <= r.parsed.confidence < high]
        if of:
            true = [r.right if r.parsed.parsed else r.case.command is not None for r in of]
            stated = sum(r.parsed.confidence for r in of) / len(of)
            rows.append(Bin(low, high, len(of), round(stated, 3), round(sum(true) / len(of), 3)))
    return rows


def _share(reads: Sequence[Read]) -> float:
    return round(sum(r.right for r in reads) / max(len(reads), 1), 4)


def _percentile(reads: Sequence[Read], share: float) -> float:
    times = sorted(r.seconds for r in reads)
    return round(times[min(int(len(times) * share), len(times) - 1)] * 1000, 3)


def _tables(result: Result) -> str:
    head = ["set", "cases", "right", "commands", "right", "acted wrongly", "p50 ms", "p99 ms"]
    rows = [
        [name, s.cases, s.right, s.commands, s.commands_right, s.acted,
         result.p50_ms[name], result.p99_ms[name]]
        for name, s in result.scores.items()
    ]  # fmt: skip
    parts = [table(head, rows)]
    for name, bins in result.reliability.items():
        lines = [
            [f"{b.low:.2f} to {min(b.high, 1):.2f}", b.cases, b.confidence, b.true] for b in bins
        ]
        parts.append(table([f"{name}: confidence", "cases", "stated", "true"], lines))
    return "\n\n".join(parts)


def _show(reads: Sequence[Read]) -> None:
    for read in reads:
        if not read.right:
            for command in (read.case.command, read.parsed.command):
                said = msgspec.json.encode(command).decode() if command else "-"
                sys.stderr.write(f"{read.case.words:60} {said} {read.parsed.confidence}\n")


if __name__ == "__main__":
    sys.exit(main())
