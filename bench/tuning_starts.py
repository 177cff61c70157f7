"""Whether fifty tunings, half of them beside other work, all find the fastest settings.

    python -m bench.tuning_starts starts --state starts.json --count 50 --seconds 230
    python -m bench.tuning_starts reference --state starts.json --rounds 9 --seconds 230
    python -m bench.tuning_starts judge --state starts.json

Every second start has a program beside it that is busy on one core for random times with random
pauses. The reference measures every choice that any start made, and those that are usual besides,
in turns, only while nobody else computes. All can be done in pieces: what was measured is kept in
the file of the state, and a piece begins nothing that it has no time for.
"""

from __future__ import annotations

import argparse
import functools
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import msgspec

from bench.environment import Environment, describe
from bench.report import table
from pisovereign.config import Config, EngineConfig
from pisovereign.config.loading import models_dir
from pisovereign.engine.compute_settings import (
    ComputeSettings,
    EngineChoice,
    WaitPolicy,
    Weights,
)
from pisovereign.engine.tuning.background_load import background_load
from pisovereign.engine.tuning.explain import label
from pisovereign.engine.tuning.meters import Meters
from pisovereign.engine.tuning.quiet_samples import QuietSamples
from pisovereign.engine.tuning.trials import Trial, drawbacks
from pisovereign.engine.tuning.workload import PARTS, Workload, cost
from pisovereign.models.store import ModelStore
from pisovereign.supervisor.engine_settings import default_engine_choice
from pisovereign.supervisor.tuning import Tuner

SIZE = Workload(512, 128, 6)
NEAR = 0.05
_SEQUENCES = 4
# Of a start on a quiet machine, about, as long as none was measured.
_USUAL_S = 100.0
# Seconds that the other program is busy, and those that it is not, are drawn up to these.
_BUSY_S, _PAUSE_S = 6.0, 6.0
_LOAD = """
import random, sys, time
seed, busy_s, pause_s = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
draw = random.Random(seed)
while True:
    until = time.monotonic() + draw.uniform(0, busy_s)
    while time.monotonic() < until:
        pass
    time.sleep(draw.uniform(0, pause_s))
"""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One tuning."""

    choice: EngineChoice
    beside: bool
    seconds: float
    doubts: list[str]


class State(msgspec.Struct, kw_only=True):
    """What was measured until now."""

    environment: Environment
    starts: list[Start] = []
    reference: list[Trial] = []


def main() -> None:
    args = _arguments()
    state = State(environment=describe())
    if args.state.exists():
        state = msgspec.json.decode(args.state.read_bytes(), type=State)
    until = time.monotonic() + args.seconds
    if args.action == "starts":
        _start(args, state, until)
    elif args.action == "reference":
        _measure(args, state, until)
    args.state.write_bytes(msgspec.json.encode(state))
    print(judged(state))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.tuning_starts", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("action", choices=("starts", "reference", "judge"))
    parser.add_argument("--state", type=Path, required=True, help="what was measured until now")
    parser.add_argument("--count", type=int, default=50, help="of all starts")
    parser.add_argument("--rounds", type=int, default=9, help="of the reference")
    parser.add_argument("--seconds", type=float, default=math.inf, help="of this piece")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--only", choices=("alone", "beside"), help="one half of the starts")
    return parser.parse_args()


def _tuner(args: argparse.Namespace, folder: Path) -> Tuner:
    config = msgspec.convert({"inference": {"model": args.model}}, Config)
    return Tuner(config, folder, ModelStore(models_dir()))


def _start(args: argparse.Namespace, state: State, until: float) -> None:
    longest = max((start.seconds for start in state.starts), default=_USUAL_S)
    while len(state.starts) < args.count:
        beside = args.only == "beside" if args.only else len(state.starts) % 2 == 1
        if time.monotonic() + 1.1 * longest > until:
            return
        with (
            tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder,
            _other_work(len(state.starts) if beside else None),
        ):
            tuned = _tuner(args, Path(folder)).tune()
        start = Start(
            choice=tuned.choice, beside=beside, seconds=tuned.seconds, doubts=tuned.doubts
        )
        state.starts.append(start)
        args.state.write_bytes(msgspec.json.encode(state))
        longest = max(longest, start.seconds)
        print(_line(start), "; ".join(start.doubts), file=sys.stderr, flush=True)


@contextmanager
def _other_work(seed: int | None) -> Iterator[None]:
    """Be busy on one core now and then while the body runs; None: do nothing."""
    if seed is None:
        yield
        return
    argv = [sys.executable, "-c", _LOAD, str(seed), str(_BUSY_S), str(_PAUSE_S)]
    process = subprocess.Popen(argv, start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _measure(args: argparse.Namespace, state: State, until: float) -> None:
    """Add rounds to the reference."""
    known = {trial.choice for trial in state.reference}
    for choice in (*usual(), *(start.choice for start in state.starts)):
        if choice not in known:
            known.add(choice)
            state.reference.append(Trial(choice=choice))
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder, background_load():
        tuner = _tuner(args, Path(folder))
        tuner.converted.make()
        home = ModelStore(models_dir()).model(args.model)
        source = ModelStore(models_dir()).home(home) / "model.gguf"
        files: dict[Weights, Path] = {"file": source, "q8_0": tuner.converted.path}
        meters = Meters(files, sequences=_SEQUENCES, most=4, deadline=math.inf)
        measure = QuietSamples(functools.partial(meters.measure, SIZE), patience_s=60)
        try:
            for trial in state.reference:  # fills the caches: that takes longer, and is no sample
                meters.measure(SIZE, trial.choice, PARTS)
            while (least := min(trial.rounds for trial in state.reference)) < args.rounds:
                began = time.monotonic()
                for trial in state.reference:
                    if trial.rounds == least:
                        trial.add(measure(trial.choice, PARTS))
                if time.monotonic() + 2 * (time.monotonic() - began) > until:
                    return
        finally:
            meters.close()


def usual() -> Iterator[EngineChoice]:
    """Yield what is worth knowing besides: the defaults, and what differs in what matters most."""
    yield default_engine_choice(EngineConfig())
    ways: Sequence[tuple[int, WaitPolicy]] = ((1, "passive"), (2, "passive"), (2, "active"))
    for flash in (False, True):
        for weights in get_args(Weights):
            for threads, policy in ways:
                settings = ComputeSettings(
                    threads=threads, batch_threads=threads, flash_attention=flash
                )
                yield EngineChoice(settings=settings, wait_policy=policy, weights=weights)


def judged(state: State) -> str:
    """Return how many starts came near the fastest, as far as the reference knows."""
    measured = {t.choice: t for t in state.reference if t.rounds}
    if not measured or not state.starts:
        return f"{len(state.starts)} starts, {len(measured)} choices in the reference"
    seconds = {choice: cost(trial.timings) for choice, trial in measured.items()}
    # What has drawbacks has to save more: the rule by which the tuner is to choose.
    ruled = {choice: s / (1 - drawbacks(choice)) for choice, s in seconds.items()}
    fastest, best = min(seconds.values()), min(ruled.values())
    lines = [
        _judged_by("mix", state, seconds, fastest),
        _judged_by("mix by rule", state, ruled, best),
    ]
    rows = [
        (
            label(choice, "final") + f", {choice.weights}",
            seconds[choice],
            f"{measured[choice].range[0]:.2f} - {measured[choice].range[1]:.2f}"  # type: ignore[index]
            if measured[choice].range
            else "-",
            seconds[choice] / fastest,
            ruled[choice] / best,
            sum(s.choice == choice and not s.beside for s in state.starts),
            sum(s.choice == choice and s.beside for s in state.starts),
        )
        for choice in sorted(seconds, key=lambda choice: seconds[choice])
    ]
    head = ("choice", "mix s", "range", "/ best", "by rule", "alone", "beside")
    return "\n".join([table(head, rows), *lines])


def _judged_by(name: str, state: State, seconds: dict[EngineChoice, float], best: float) -> str:
    told = []
    for beside in (False, True):
        starts = [s for s in state.starts if s.beside == beside and s.choice in seconds]
        near = sum(seconds[s.choice] <= best * (1 + NEAR) for s in starts)
        sure = [s for s in starts if not s.doubts]
        right = sum(seconds[s.choice] <= best * (1 + NEAR) for s in sure)
        where = "beside other work" if beside else "alone"
        told.append(f"{where} {near} of {len(starts)} (of {len(sure)} sure ones {right})")
    return f"{name}: within {NEAR:.0%} of the best: {', '.join(told)}"


def _line(start: Start) -> str:
    where = "beside" if start.beside else "alone"
    return f"{where}: {label(start.choice, 'final')}, {start.choice.weights}, {start.seconds} s"


if __name__ == "__main__":
    main()
