"""First token and speed with more clients than places, beside `llama-server` as it comes.

    python -m bench.places --clients 1 4 8 --rounds 3
    python -m bench.places --model-file FILE.gguf --clients 1 4 --tokens 0

Both are started with the number of places they choose themselves, and as many threads.
Each client asks something else, all at once. Ratios above 1: ours is better.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.dialogue import Target
from bench.engine_program import engine_program
from bench.engine_result import Row, rows, tables_of
from bench.environment import Environment, describe
from bench.llama_server import llama_server
from bench.player import play
from bench.report import add_output, publish
from bench.workloads import Samples, Workload, short, with_context
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice

OURS, PEER = "engine", "llama-server"
_SYSTEM = "You are a helpful assistant of a household. Answer briefly."
_SAMPLING: dict[str, float | bool] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.0,
}
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
            measured = [_round(workload, targets, number) for number in range(args.rounds)]
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


@contextlib.contextmanager
def _servers(args: argparse.Namespace) -> Iterator[dict[str, Target]]:
    settings = ComputeSettings(threads=args.threads, batch_threads=args.threads)
    choice = EngineChoice(settings=settings, wait_policy="passive")
    # As the program starts it with `engine.parallel = 0`.
    options = ["--parallel=4", "--more-parallel=4", f"--context={_LENGTH}", "--log-level=warning"]
    peer = ["--threads", str(args.threads)]
    headers = {"Content-Type": "application/json"}
    with (
        engine_program(args.model_file, choice, [*options, *args.options]) as engine,
        tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder,
        llama_server(args.model_file, PEER, Path(folder) / "log", peer) as url,
    ):
        yield {
            OURS: Target(
                dialect="openai",
                url="http://engine/v1/chat/completions",
                socket=str(engine.socket),
                system_prompt=_SYSTEM,
                headers=headers,
                extra=_SAMPLING | {"repetition_guard": False},
            ),
            PEER: Target(
                dialect="openai",
                url=f"{url}/v1/chat/completions",
                system_prompt=_SYSTEM,
                headers=headers,
                extra=_SAMPLING | {"cache_prompt": True},
            ),
        }


def _round(workload: Workload, targets: dict[str, Target], number: int) -> dict[str, Samples]:
    """Each server once, with the same messages; the order turns from round to round."""
    found = {}
    for name in list(targets) if number % 2 == 0 else list(targets)[::-1]:
        found[name] = workload.samples(play(targets[name], workload.script(number)))
        print(f"{workload.name}, round {number + 1}: {name}", file=sys.stderr)
    return {name: found[name] for name in targets}


if __name__ == "__main__":
    sys.exit(main())
