"""Composition of the tuner."""

from __future__ import annotations

import argparse
import contextlib
import functools
import time

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama import Model
from pisovereign.engine.machine import physical_cores, this_board, this_build
from pisovereign.engine.tuning.background_load import background_load
from pisovereign.engine.tuning.measure import Benchmark
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import Search, Unusable, with_threads
from pisovereign.engine.tuning.workload import Workload, choose_workload

# After this much of the goal nothing is repeated, so that every stage is reached.
_REPEAT_SHARE = 0.75


def run(args: argparse.Namespace, began: float) -> Report:
    """Search, from the settings and within the time that the arguments say.

    Args:
        args: the command line.
        began: value of `time.monotonic` when the process began.

    Raises:
        ModelError: the model cannot be used, at least not to measure.
    """
    start = args.wishes.apply(args.start)
    board = this_board()
    with contextlib.ExitStack() as stack:
        stack.enter_context(background_load())
        model = Model(args.model_file)
        stack.callback(model.close)
        meter = Benchmark(model, sequences=args.sequences, deadline=began + args.limit_s)
        stack.callback(meter.close)
        size = args.workload or _workload(args, meter, start, began)
        measure = functools.partial(meter.measure, size)
        search = Search(
            measure,
            args.wishes,
            cores=board.cores,
            most_read=size.wide,
            hurry=lambda: time.monotonic() > began + args.goal_s * _REPEAT_SHARE,
        )
        found = search.run(start, args.stages)
        file_type = model.file_type
    return Report(
        board=board,
        build=this_build(),
        model_file=str(args.model_file),
        model_bytes=args.model_file.stat().st_size,
        file_type=file_type,
        sequences=args.sequences,
        wishes=args.wishes,
        workload=size,
        stages=found.stages,
        choice=EngineChoice(settings=found.settings, wait_policy=args.wait_policy),
        cost=found.cost,
        complete=found.complete,
        seconds=round(time.monotonic() - began, 2),
    )


def _workload(
    args: argparse.Namespace, meter: Benchmark, start: ComputeSettings, began: float
) -> Workload:
    """Return as much as there is time for, at the speed of all threads."""
    all_threads = with_threads(start, args.wishes, physical_cores())[-1]
    try:
        speed = meter.probe(all_threads)
    except Unusable as error:
        raise ModelError(str(error)) from error
    spent = time.monotonic() - began
    return choose_workload(
        speed, goal_s=args.goal_s - spent, limit_s=args.limit_s - spent, context=args.context
    )
