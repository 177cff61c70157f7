"""Composition of the tuner."""

from __future__ import annotations

import argparse
import contextlib
import functools
import time
from pathlib import Path

import msgspec

from pisovereign.engine.compute_settings import EngineChoice, Weights
from pisovereign.engine.errors import ModelError
from pisovereign.engine.machine import physical_cores, this_board, this_build
from pisovereign.engine.memory import available_memory
from pisovereign.engine.tuning.background_load import background_load
from pisovereign.engine.tuning.doubts import doubts
from pisovereign.engine.tuning.meters import Meters, most_at_once
from pisovereign.engine.tuning.quiet_samples import QuietSamples
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import Search, with_threads
from pisovereign.engine.tuning.workload import Workload, choose_workload

# After this much of the time nothing is repeated, so that every stage is reached.
_REPEAT_SHARE = 0.5


def run(args: argparse.Namespace, began: float) -> Report:
    """Search, from the choice and within the time that the arguments say.

    Args:
        args: the command line.
        began: value of `time.monotonic` when the process began.

    Raises:
        ModelError: the model cannot be used, at least not to measure.
    """
    start: EngineChoice = msgspec.structs.replace(
        args.start, settings=args.wishes.apply(args.start.settings)
    )
    files: dict[Weights, Path] = {start.weights: args.model_file}
    if args.converted is not None:
        files["q8_0"] = args.converted
    board = this_board()
    try:
        size_of_file = args.model_file.stat().st_size
    except OSError as error:
        raise ModelError(f"{args.model_file}: {error.strerror}") from None
    kinds = len(args.wait_policies) * len(files)
    most = most_at_once(kinds, size_of_file, available_memory())
    deadline = began + args.limit_s
    with contextlib.ExitStack() as stack:
        stack.enter_context(background_load())
        meters = Meters(files, sequences=args.sequences, most=most, deadline=deadline)
        stack.callback(meters.close)
        size = args.workload or _workload(args, meters, start, began)
        measure = QuietSamples(functools.partial(meters.measure, size), args.patience_s)
        search = Search(
            measure,
            args.wishes,
            cores=board.cores,
            most_read=size.wide,
            policies=args.wait_policies,
            weights=tuple(files),
            hurry=lambda: time.monotonic() > began + args.limit_s * _REPEAT_SHARE,
        )
        found = search.run(start, args.stages)
        file_type = meters.file_type(start)
    return Report(
        board=board,
        build=this_build(),
        model_file=str(args.model_file),
        model_bytes=size_of_file,
        file_type=file_type,
        sequences=args.sequences,
        wishes=args.wishes,
        workload=size,
        stages=found.stages,
        choice=found.choice,
        cost=found.cost,
        complete=found.complete,
        doubts=list(doubts(found)),
        seconds=round(time.monotonic() - began, 2),
    )


def _workload(
    args: argparse.Namespace, meters: Meters, start: EngineChoice, began: float
) -> Workload:
    """Return as much as there is time for, at the speed of all threads."""
    settings = with_threads(start.settings, args.wishes, physical_cores())[-1]
    probed = EngineChoice(
        settings=settings, wait_policy=args.wait_policies[-1], weights=start.weights
    )
    speed = meters.probe(probed)
    spent = time.monotonic() - began
    return choose_workload(
        speed, goal_s=args.goal_s - spent, limit_s=args.limit_s - spent, context=args.context
    )
