"""The engine beside `llama-server` with models of real sizes and random weights.

    python -m bench.shapes --shapes qwen2.5-1.5b --rounds 2
    python -m bench.shapes --shapes qwen3.5-2b lfm2.5-1.2b --clients 1 4 --tokens 200

Weights of these sizes are not in any package, and only their number and format decide the speed:
`bench.shape_files` makes them. Both servers run alone, on the same file, and are asked the same in
turns: ours with the settings that tuning finds, the peer as it comes. Ratios above 1: ours is
better. The last table says what ten gigabytes of weights a second, as a Raspberry Pi 5 reads them,
allow: bytes of all weights that a token needs, and nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from bench.both_servers import OURS, PEER, ask_both, both_servers
from bench.dialogue import Target
from bench.engine_result import Row, rows, tables_of
from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from bench.resident import cpu_s_of_child, of_child
from bench.shape_files import QUANTS, SHAPES, Quant, ensure_shape, token_bytes
from bench.shape_tuning import Exhaustive, Tuned, exhaustive, tune
from bench.workloads import (
    Workload,
    conversation,
    first_token,
    short,
    with_context,
)

_PROGRAMS = {OURS: "pisovereign.engine.main", PEER: "llama-server"}
_CPU = "cpu s"
# Bytes a second of a Raspberry Pi 5's memory, as decoding reaches it: see docs/benchmarks.md.
PI_5 = 10e9
_LENGTH = 2560


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """Megabytes of a server after its work; the mapped file counts, where it was read."""

    server: str
    rss_mb: float
    pss_mb: float


class ShapeResult(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured with one file.

    Attributes:
        shape: its name, `quant` the format of its weights.
        file_mb: its size.
        token_mb: megabytes of weights that a token reads.
        pi5_bound: tokens a second that a Raspberry Pi 5's memory allows at most.
        tuned: what tuning chose.
        exhaustive: how near that is to the best, if it was asked for.
        rows: figures of both servers.
        memory: of both servers.
    """

    shape: str
    quant: Quant
    file_mb: float
    token_mb: float
    pi5_bound: float
    tuned: Tuned
    exhaustive: Exhaustive | None
    rows: list[Row]
    memory: list[Resident]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All files, and what they were measured on."""

    environment: Environment
    rounds: int
    parallel: int
    peer_options: str
    shapes: list[ShapeResult]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    args = _arguments(argv)
    environment = describe()
    found = [_shape(args, name, quant) for name in args.shapes for quant in args.quants]
    result = Result(
        environment=environment,
        rounds=args.rounds,
        parallel=args.parallel,
        peer_options=args.peer_options,
        shapes=found,
    )
    publish(result, "\n\n".join([*map(_text, found), _bounds(found)]), args.output)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.shapes", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--folder", type=Path, default=Path.home() / ".cache/pisovereign/bench/shapes")
    add("--shapes", nargs="+", choices=list(SHAPES), default=list(SHAPES))
    add("--quants", nargs="+", choices=QUANTS, default=["q4_0"])
    add("--clients", nargs="+", type=int, default=[1, 2, 4])
    add("--tokens", type=int, default=500, help="of the long conversations; 0: none")
    add("--turns", type=int, default=4, help="of two conversations; 0: none")
    add("--rounds", type=int, default=2, help="measurements of each server")
    add("--parallel", type=int, default=4, help="sequences of either server")
    add("--goal-s", type=float, default=60.0, help="to tune with each way of waiting; 0: not")
    add("--peer-options", default="", help="of llama-server; as it comes if none are given")
    add("--exhaustive", action="store_true", help="measure all settings as well: minutes")
    add_output(parser)
    return parser.parse_args(argv)


def _shape(args: argparse.Namespace, name: str, quant: Quant) -> ShapeResult:
    model = ensure_shape(args.folder, name, quant)
    tuned = tune(model, args.parallel, args.goal_s, 5 * args.goal_s)
    print(f"{model.stem}: {tuned.told}", file=sys.stderr)
    every = exhaustive(model, tuned.choice, args.parallel, 3600) if args.exhaustive else None
    found: list[Row] = []
    with _servers(args, model, tuned) as targets:
        for workload in _workloads(args):
            measured = [ask_both(workload, targets, number, _cpu) for number in range(args.rounds)]
            new = rows(workload.name, measured)
            # At once, as all of it may take an hour.
            print(tables_of(new), file=sys.stderr)
            found += new
        memory = [_resident(server, program) for server, program in _PROGRAMS.items()]
    each = token_bytes(name, quant)
    return ShapeResult(
        shape=name,
        quant=quant,
        file_mb=model.stat().st_size / 1e6,
        token_mb=each / 1e6,
        pi5_bound=PI_5 / each,
        tuned=tuned,
        exhaustive=every,
        rows=found,
        memory=memory,
    )


def _workloads(args: argparse.Namespace) -> list[Workload]:
    return [
        *(short(count) for count in args.clients),
        *(with_context(count, args.tokens) for count in args.clients if args.tokens),
        *([first_token(args.tokens)] if args.tokens else []),
        *([conversation(args.turns)] if args.turns else []),
    ]


def _servers(
    args: argparse.Namespace, model: Path, tuned: Tuned
) -> AbstractContextManager[dict[str, Target]]:
    options = [f"--parallel={args.parallel}", f"--context={_LENGTH}", "--log-level=warning"]
    peer = ["--parallel", str(args.parallel), "--ctx-size", str(args.parallel * _LENGTH)]
    return both_servers(model, tuned.choice, options, [*peer, *args.peer_options.split()])


def _cpu(name: str) -> dict[str, float]:
    """Return seconds that a server has computed: where others do as well, the clock says less."""
    return {_CPU: cpu_s_of_child(_PROGRAMS[name])}


def _resident(server: str, program: str) -> Resident:
    memory = of_child(program)
    return Resident(server=server, rss_mb=memory.rss_mb, pss_mb=memory.pss_mb)


def _text(found: ShapeResult) -> str:
    memory = ", ".join(f"{one.server} {one.rss_mb:.0f} MB" for one in found.memory)
    lines = [
        f"{found.shape} {found.quant}: {found.file_mb:.0f} MB",
        f"tuned: {found.tuned.told}",
        tables_of(found.rows),
        f"resident: {memory}",
    ]
    if found.exhaustive is not None and found.exhaustive.share is not None:
        lines.insert(2, f"best of all settings / tuned: {found.exhaustive.share:.3f}")
    return "\n".join(lines)


def _bounds(found: Sequence[ShapeResult]) -> str:
    head = ("weights", "MB a token", "Raspberry Pi 5, at most tok/s")
    return table(head, [(f"{f.shape} {f.quant}", f.token_mb, f.pi5_bound) for f in found])


if __name__ == "__main__":
    sys.exit(main())
