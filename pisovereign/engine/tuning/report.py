"""The document that one tuning process prints."""

from __future__ import annotations

import msgspec

from pisovereign.engine.compute import Choice, Wishes
from pisovereign.engine.tuning.board import Board, Build
from pisovereign.engine.tuning.search import Stage
from pisovereign.engine.tuning.workload import Workload


class Report(msgspec.Struct, kw_only=True):
    """Everything that was measured with one way of waiting.

    Attributes:
        model_file: its path, `model_bytes` its size.
        sequences: how many "all" were.
        wishes: what was decided before.
        workload: size of a sample.
        stages: every trial, in the order of the search.
        choice: the result; `cost` its seconds for the mix, None if nothing had to be measured.
        complete: False if the time was over before the end of the search.
        seconds: time it took.
    """

    board: Board
    build: Build
    model_file: str
    model_bytes: int
    sequences: int
    wishes: Wishes
    workload: Workload
    stages: list[Stage]
    choice: Choice
    cost: float | None
    complete: bool
    seconds: float
