"""Messages between the tuner and the processes that measure for it, a line of JSON each."""

from __future__ import annotations

import msgspec

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.tuning.workload import Part, Speed, Workload


class Question(msgspec.Struct, frozen=True):
    """A measurement to be made; without a workload: very little, to know how much can be."""

    settings: ComputeSettings
    parts: tuple[Part, ...] = ()
    workload: Workload | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a measurement, or why there is none.

    Attributes:
        timings: seconds for a token read or a step written.
        speed: of a probe.
        others: processors that others took meanwhile.
        failure: why the settings cannot be used; empty if they can.
        file_type: GGUF's number for the format of the weights.
    """

    timings: dict[Part, float] = {}
    speed: Speed | None = None
    others: float = 0.0
    failure: str = ""
    file_type: int = -1
