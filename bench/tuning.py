"""How near self-tuning comes to the best of an exhaustive search over the same settings.

One run measures one way of waiting, as a process can have only one.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from pisovereign.engine.compute_settings import (
    ComputeSettings,
    EngineChoice,
    PinnedSettings,
    WaitPolicy,
)
from pisovereign.engine.machine import this_board
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine.tuning.background_load import background_load
from pisovereign.engine.tuning.explain import label
from pisovereign.engine.tuning.search import (
    Measure,
    Unusable,
    with_buffers,
    with_layouts,
    with_micro_batches,
    with_threads,
)
from pisovereign.engine.tuning.trials import Sample, Trial
from pisovereign.engine.tuning.workload import (
    BATCHED,
    PARTS,
    SINGLE,
    Part,
    Workload,
    cost,
)
from pisovereign.supervisor.tuning_results import TuningResult

SIZE = Workload(512, 128, 4)
FINALISTS = 4


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The exhaustive search with one way of waiting.

    Attributes:
        trials: every combination, with one thread count for all steps.
        finalists: the fastest of them and the tuned settings, measured again in turns.
        best_s: seconds of the mix for the fastest finalist.
        tuned_s: the same for the tuned settings; None if tuning chose the other way of waiting.
        share: best_s / tuned_s.
    """

    environment: Environment
    wait_policy: WaitPolicy
    workload: Workload
    trials: list[Trial]
    finalists: list[Trial]
    best_s: float
    tuned_s: float | None
    share: float | None


def main() -> None:
    args = _arguments()
    environment = describe()
    set_up_openmp(args.wait_policy)
    tuned = _tuned(args)
    trials, finalists = _search(args, tuned)
    costs = {trial.settings: cost(trial.timings) for trial in finalists}
    best = min(costs.values())
    own = costs.get(tuned.choice.settings) if _same(args, tuned) else None
    result = Result(
        environment=environment,
        wait_policy=args.wait_policy,
        workload=args.workload,
        trials=trials,
        finalists=finalists,
        best_s=best,
        tuned_s=own,
        share=best / own if own else None,
    )
    publish(result, _text(result, tuned), args.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.tuning", description=__doc__)
    parser.add_argument("--model-file", type=Path, required=True, help="a GGUF file")
    tuned = parser.add_mutually_exclusive_group(required=True)
    tuned.add_argument("--tuned", type=Path, help="file that tuning has kept")
    tuned.add_argument("--choice", type=_choice, help="or what it chose, as JSON")
    parser.add_argument("--sequences", type=int, default=4, help="with --choice")
    parser.add_argument(
        "--workload", type=_workload, default=SIZE, help="size of a sample, as JSON"
    )
    parser.add_argument("--wait-policy", choices=get_args(WaitPolicy), required=True)
    parser.add_argument("--rounds", type=int, default=5, help="repetitions among the finalists")
    add_output(parser)
    return parser.parse_args()


class Tuned(msgspec.Struct, frozen=True):
    """What was chosen, and for how many sequences."""

    choice: EngineChoice
    sequences: int


def _tuned(args: argparse.Namespace) -> Tuned:
    if args.choice:
        return Tuned(args.choice, args.sequences)
    result = msgspec.json.decode(args.tuned.read_bytes(), type=TuningResult)
    return Tuned(result.choice, result.subject.sequences)


def _choice(text: str) -> EngineChoice:
    return msgspec.json.decode(text, type=EngineChoice)


def _workload(text: str) -> Workload:
    return msgspec.json.decode(text, type=Workload)


def _same(args: argparse.Namespace, tuned: Tuned) -> bool:
    return bool(args.wait_policy == tuned.choice.wait_policy)


def _search(args: argparse.Namespace, tuned: Tuned) -> tuple[list[Trial], list[Trial]]:
    """All trials, then the finalists."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Only now: importing llama.cpp loads OpenMP, which reads its settings once.
    from pisovereign.engine.llama import Model  # noqa: PLC0415
    from pisovereign.engine.tuning.measure import Benchmark  # noqa: PLC0415

    with background_load():
        model = Model(args.model_file)
        meter = Benchmark(model, sequences=tuned.sequences)

        def measure(choice: EngineChoice, parts: Sequence[Part]) -> Sample:
            return Sample(dict(meter.measure(args.workload, choice.settings, parts)))

        def trial_of(settings: ComputeSettings) -> Trial:
            choice = EngineChoice(settings=settings, wait_policy=args.wait_policy)
            return Trial(choice=choice)

        try:
            trials = [trial_of(settings) for settings in combinations(args.workload)]
            for trial in trials:
                _sample(measure, trial)
            last = [tuned.choice.settings] if _same(args, tuned) else []
            last = list(dict.fromkeys([*fastest(trials, FINALISTS), *last]))
            finalists = [trial_of(settings) for settings in last]
            for _, trial in itertools.product(range(args.rounds), finalists):
                _sample(measure, trial)
        finally:
            meter.close()
            model.close()
    return trials, finalists


def combinations(size: Workload = SIZE) -> Iterator[ComputeSettings]:
    """Every value of every setting; those that share a context follow each other."""
    cores = this_board().cores
    start = ComputeSettings(threads=1, batch_threads=1)
    for layout in with_layouts(start, PinnedSettings()):
        for buffers in with_buffers(layout, PinnedSettings()):
            for micro in with_micro_batches(buffers, size.read):
                yield from with_threads(micro, PinnedSettings(), cores)


def fastest(trials: Sequence[Trial], count: int) -> list[ComputeSettings]:
    """Return the fastest combinations, with each number of threads for either kind of step."""
    usable = [trial for trial in trials if trial.samples and not trial.failure]
    costs: dict[ComputeSettings, float] = {}
    for one, other in itertools.product(usable, usable):
        joined = msgspec.structs.replace(one.settings, batch_threads=other.settings.batch_threads)
        twin = msgspec.structs.replace(
            other.settings, threads=one.settings.threads, batch_threads=joined.batch_threads
        )
        if joined == twin:
            costs[joined] = cost(one.timings, SINGLE) + cost(other.timings, BATCHED)
    return sorted(costs, key=lambda settings: costs[settings])[:count]


def _sample(measure: Measure, trial: Trial) -> None:
    try:
        trial.add(measure(trial.choice, PARTS))
    except Unusable as error:
        trial.failure = str(error)


def _text(result: Result, tuned: Tuned) -> str:
    rows = [
        (
            label(trial.choice, "final")
            + (" (tuned)" if trial.settings == tuned.choice.settings and result.share else ""),
            cost(trial.timings),
        )
        for trial in result.finalists
    ]
    share = "tuning chose the other way of waiting"
    if result.share is not None:
        share = f"best / tuned: {result.share:.3f}"
    head = (f"{result.wait_policy} waiting, {len(result.trials)} trials", "mix s")
    return f"{table(head, rows)}\n{share}; best {result.best_s:.2f} s"


if __name__ == "__main__":
    main()
