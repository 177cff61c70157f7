"""The engine's program beside `llama-server`, with the same model file and the same questions."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.dialogue import Target
from bench.engine_program import engine_program
from bench.llama_server import llama_server
from bench.player import play
from bench.workloads import Samples, Workload
from pisovereign.engine.compute_settings import EngineChoice

OURS, PEER = "engine", "llama-server"
_SYSTEM = "You are a helpful assistant of a household. Answer briefly."
_SAMPLING: dict[str, float | bool] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.0,
}


@contextlib.contextmanager
def both_servers(
    model: Path, choice: EngineChoice, options: Sequence[str], peer_options: Sequence[str]
) -> Iterator[dict[str, Target]]:
    """Run both, and yield how each is asked, by its name.

    Args:
        model: a GGUF file.
        choice: the settings that ours computes with.
        options: more of the command line of ours.
        peer_options: more of the peer's.
    """
    headers = {"Content-Type": "application/json"}
    with (
        engine_program(model, choice, options) as engine,
        tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder,
        llama_server(model, model.stem, Path(folder) / "log", peer_options) as url,
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


def ask_both(
    workload: Workload,
    targets: dict[str, Target],
    number: int,
    beside: Callable[[str], dict[str, float]] = lambda _: {},
) -> dict[str, Samples]:
    """Ask each server once, with the same messages; the order turns from round to round.

    Args:
        workload: what is asked.
        targets: the servers by their names.
        number: of the round, from 0.
        beside: figures of a server that only grow; how much they grew is a sample, too.
    """
    found: dict[str, Samples] = {}
    for name in list(targets) if number % 2 == 0 else list(targets)[::-1]:
        before = beside(name)
        found[name] = workload.samples(play(targets[name], workload.script(number)))
        for figure, value in beside(name).items():
            found[name][figure] = [value - before[figure]]
        print(f"{workload.name}, round {number + 1}: {name}", file=sys.stderr)
    return {name: found[name] for name in targets}
