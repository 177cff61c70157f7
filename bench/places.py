"""First token and speed with more clients than places, beside `llama-server` as it comes.

    python -m bench.places --clients 1 4 8 --rounds 3
    python -m bench.places --model-file FILE.gguf --clients 1 4 --tokens 0

Both are started with the number of places they choose themselves, and as many threads.
Each client asks something else, all at once. Ratios above 1: ours is better.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from bench.both_servers import ask_both, both_servers
from bench.dialogue import Target
from bench.engine_result import Row, rows, tables_of
from bench.environment import Environment, describe
from bench.report import add_output, publish
from bench.workloads import short, with_context
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice

_LENGTH = 2048


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they were measured on."""

    environment: Environment
    model: str
    threads: int
    rounds: int
    options: list[str]
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.places", description=__doc__.partition("\n")[0])
    default = models_dir() / Config().inference.model / "model.gguf"
    parser.add_argument("--model-file", type=Path, default=default)
    parser.add_argument("--clients", type=int, nargs="+", default=[8])
    parser.add_argument("--tokens", type=int, default=200, help="of longer prompts; 0: none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--options", nargs="*", default=[], help="of ours")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    workloads = [short(clients) for clients in args.clients]
    workloads += [with_context(clients, args.tokens) for clients in args.clients if args.tokens]
    found: list[Row] = []
    with _servers(args) as targets:
        for workload in workloads:
            measured = [ask_both(workload, targets, number) for number in range(args.rounds)]
            found += rows(workload.name, measured)
    result = Result(
        environment=environment,
        model=args.model_file.name,
        threads=args.threads,
        rounds=args.rounds,
        options=args.options,
        rows=found,
    )
    publish(result, tables_of(found), args.output)
    return 0


def _servers(args: argparse.Namespace) -> AbstractContextManager[dict[str, Target]]:
    settings = ComputeSettings(threads=args.threads, batch_threads=args.threads)
    choice = EngineChoice(settings=settings, wait_policy="passive")
    # As the program starts it with `engine.parallel = 0`.
    options = ["--parallel=4", "--more-parallel=4", f"--context={_LENGTH}", "--log-level=warning"]
    peer = ["--threads", str(args.threads)]
    return both_servers(args.model_file, choice, [*options, *args.options], peer)


if __name__ == "__main__":
    sys.exit(main())
