"""What the tuner chooses for a model file, and how near that is to the best of all settings."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from pisovereign.engine.compute_settings import (
    EngineChoice,
    default_choice,
)
from pisovereign.engine.tuning.explain import label
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.workload import Workload
from pisovereign.supervisor.child import run_program

_LEAN = Workload(128, 32, 2)


class Tuned(msgspec.Struct, frozen=True, kw_only=True):
    """A choice, and the seconds that the mix takes with each way of waiting.

    Attributes:
        choice: what the engine is started with.
        told: it in words.
        active_s: seconds of the mix if threads look around before they sleep; None: not measured.
        passive_s: the same if they sleep at once.
        seconds: time that tuning took.
    """

    choice: EngineChoice
    told: str
    cost_s: float | None = None
    seconds: float = 0.0


def tune(model: Path, sequences: int, goal_s: float, limit_s: float) -> Tuned:
    """Tune with both ways of waiting.

    Args:
        model: a GGUF file.
        sequences: answers that are written at once.
        goal_s: seconds to measure, if that is possible; 0: use the defaults.
        limit_s: seconds after which nothing more is measured.
    """
    if goal_s == 0:
        return Tuned(choice=default_choice(), told="not tuned: the defaults")
    argv = [sys.executable, "-m", "pisovereign.engine.tuning", f"--model-file={model}"]
    argv += [f"--start={msgspec.json.encode(default_choice()).decode()}", "--context=2048"]
    argv += [f"--sequences={sequences}", f"--goal-s={goal_s}", f"--limit-s={limit_s}"]
    argv += [f"--workload={msgspec.json.encode(_LEAN).decode()}"]
    report = msgspec.json.decode(run_program(argv, limit_s + 300), type=Report)
    told = "; ".join([label(report.choice, "final"), *report.doubts])
    return Tuned(choice=report.choice, told=told, cost_s=report.cost, seconds=report.seconds)


class Exhaustive(msgspec.Struct, frozen=True, kw_only=True):
    """Of `bench.tuning`'s result what is wanted here."""

    best_s: float
    tuned_s: float | None
    share: float | None


def exhaustive(model: Path, choice: EngineChoice, sequences: int, limit_s: float) -> Exhaustive:
    """Measure every combination of settings with the chosen way of waiting."""
    argv = [sys.executable, "-m", "bench.tuning", f"--model-file={model}"]
    argv += [f"--choice={msgspec.json.encode(choice).decode()}", f"--sequences={sequences}"]
    argv += [f"--wait-policy={choice.wait_policy}", "--rounds=3"]
    argv += [f"--workload={msgspec.json.encode(_LEAN).decode()}"]
    return msgspec.json.decode(run_program(argv, limit_s), type=Exhaustive)
