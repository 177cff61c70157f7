"""The document that a tuning process prints."""

from __future__ import annotations

import msgspec

from pisovereign.engine.compute_settings import EngineChoice, PinnedSettings
from pisovereign.engine.machine import Board, Build
from pisovereign.engine.tuning.search import Stage
from pisovereign.engine.tuning.workload import Workload


class Report(msgspec.Struct, kw_only=True):
    """Everything that was measured.

    Attributes:
        model_file: its path, `model_bytes` its size, `file_type` GGUF's number for its format.
        sequences: how many "all" were.
        wishes: what was decided before.
        workload: size of a sample.
        stages: every trial, in the order of the search.
        choice: the result; `cost` its seconds for the mix, None if nothing had to be measured.
        complete: False if the time was over before the end of the search.
        doubts: why the result may be wrong, a line each; none: it is sure.
        seconds: time it took.
    """

    board: Board
    build: Build
    model_file: str
    model_bytes: int
    file_type: int
    sequences: int
    wishes: PinnedSettings
    workload: Workload
    stages: list[Stage]
    choice: EngineChoice
    cost: float | None
    complete: bool
    doubts: list[str] = []
    seconds: float
