"""The whole program beside `llama-server`, built from the same source with the same flags.

    python -m bench.engine --rounds 3
    python -m bench.engine --only "short x4" "500 tokens x8" --rounds 5

One client plays the same messages to each server, round by round, in an order that turns: to ours
through the public `/v1/chat/stream`, with PostgreSQL, keys and all, to the peer through its own
API. The peer runs as it comes and with the settings that suit it best here.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.dialogue import Target
from bench.engine_result import Result, Row, rows, tables
from bench.environment import describe
from bench.llama_server import llama_server
from bench.player import play
from bench.program import running
from bench.report import add_output, publish
from bench.workloads import Samples, Workload, all_workloads, with_context
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from tests.support.server import ALICE_KEY

OURS, PEER, PEER_BEST = "PiSovereign", "llama-server", "llama-server, best"
CLIENTS = (1, 2, 4, 8, 16)
_SAMPLING: dict[str, float | bool] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.0,
    "cache_prompt": True,
}
# Flash attention with two KV types, and none; with one thread and with two.
_CANDIDATES = [
    ["--threads", threads, *attention]
    for threads in ("1", "2")
    for attention in (
        ["--flash-attn", "off"],
        ["--flash-attn", "on"],
        ["--flash-attn", "on", "--cache-type-k", "q8_0", "--cache-type-v", "q8_0"],
    )
]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    args = _arguments(argv)
    environment = describe()
    best: list[str] = []
    if PEER_BEST in args.peers:
        best = args.peer_options.split() or _search(args)
    chosen = [w for w in all_workloads(args.clients) if not args.only or w.name in args.only]
    found: list[Row] = []
    with _servers(args, best) as targets:
        for workload in chosen:
            found += rows(workload.name, [_round(workload, targets, n) for n in range(args.rounds)])
    result = Result(
        environment=environment,
        model=Config().inference.model,
        rounds=args.rounds,
        parallel=args.parallel,
        context_length=args.context_length,
        servers={OURS: args.settings, PEER: [], PEER_BEST: best},
        rows=found,
    )
    publish(result, tables(result), args.output)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.engine", description=__doc__.partition("\n")[0])
    names = [workload.name for workload in all_workloads(CLIENTS)]
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each server")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, choices=CLIENTS)
    parser.add_argument("--only", nargs="+", choices=names, help="these workloads and no others")
    parser.add_argument("--parallel", type=int, default=16, help="sequences of every server")
    parser.add_argument("--context-length", type=int, default=2560, help="tokens of a sequence")
    parser.add_argument("--peer-options", default="", help="its best settings, found if not given")
    parser.add_argument("--peers", nargs="+", choices=(PEER, PEER_BEST), default=(PEER, PEER_BEST))
    parser.add_argument(
        "--settings", nargs="*", default=[], help="of ours, such as ENGINE__THREADS=2"
    )
    add_output(parser)
    return parser.parse_args(argv)


def _search(args: argparse.Namespace) -> list[str]:
    """Return the peer's options with most tokens a second for four clients with 300 tokens each."""
    workload, best = with_context(4, 300), (0.0, _CANDIDATES[0])
    for options in _CANDIDATES:
        with _peer(args, options) as target:
            samples = workload.samples(play(target, workload.script(0)))
        rate = samples["tok/s"][0]
        print(f"{rate:.1f} tok/s: llama-server {' '.join(options)}", file=sys.stderr)
        best = max(best, (rate, options))
    return best[1]


@contextlib.contextmanager
def _servers(args: argparse.Namespace, best: list[str]) -> Iterator[dict[str, Target]]:
    settings = {
        "PISOVEREIGN_ENGINE__PARALLEL": str(args.parallel),
        "PISOVEREIGN_ENGINE__CONTEXT_LENGTH": str(args.context_length),
        "PISOVEREIGN_ENGINE__QUEUE": "64",
        # As at a first start; it takes half a minute.
        "PISOVEREIGN_ENGINE__TUNE": "true",
        "PISOVEREIGN_ENGINE__TUNE_AFTER_S": "0",
        # The peer has no clock: the prompts would not be the same.
        "PISOVEREIGN_CHAT__CLOCK": "false",
        **{f"PISOVEREIGN_{name}": value for name, _, value in map(_split, args.settings)},
    }
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running(**settings))
        targets = {
            OURS: Target(
                dialect="pisovereign",
                url=f"{server.url}/v1/chat/stream",
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {ALICE_KEY}",
                },
                extra={"temperature": _SAMPLING["temperature"]},
            )
        }
        for peer, options in ((PEER, []), (PEER_BEST, best)):
            if peer in args.peers:
                targets[peer] = stack.enter_context(_peer(args, options))
        yield targets


@contextlib.contextmanager
def _peer(args: argparse.Namespace, options: Sequence[str]) -> Iterator[Target]:
    config = Config()
    name = config.inference.model
    size = [
        "--parallel",
        str(args.parallel),
        "--ctx-size",
        str(args.parallel * args.context_length),
    ]
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        model, log = models_dir() / name / "model.gguf", Path(folder) / "llama-server.log"
        with llama_server(model, name, log, [*size, *options]) as url:
            yield Target(
                dialect="openai",
                url=f"{url}/v1/chat/completions",
                headers={"Content-Type": "application/json"},
                extra=_SAMPLING,
                system_prompt=config.chat.system_prompt,
            )


def _split(setting: str) -> tuple[str, str, str]:
    return setting.partition("=")


def _round(workload: Workload, targets: dict[str, Target], number: int) -> dict[str, Samples]:
    """Each server once, with the same messages; the order turns from round to round."""
    names = list(targets)
    turn = number % len(names)
    samples: dict[str, Samples] = {}
    for name in names[turn:] + names[:turn]:
        samples[name] = workload.samples(play(targets[name], workload.script(number)))
        print(f"{workload.name}, round {number + 1}: {name}", file=sys.stderr)
    return {name: samples[name] for name in names}


if __name__ == "__main__":
    sys.exit(main())
