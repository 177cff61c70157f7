"""Why a stage ended as it did, in words."""

from __future__ import annotations

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.tuning.search import FIGURES, Stage, StageName
from pisovereign.engine.tuning.trials import MARGIN, Q8_0_MARGIN, UNIFIED_MARGIN, Trial
from pisovereign.engine.tuning.workload import PARTS, cost

TITLES: dict[StageName, str] = {
    "threads": "Threads, for one answer and for several or prompts",
    "layout": "Attention and KV cache",
    "buffers": "KV buffers",
    "micro_batch": "Micro-batch",
    "final": "All together, against the settings before",
}


_ALSO: dict[StageName, str] = {
    "layout": f", or q8_0 {Q8_0_MARGIN:.0%}",
    "buffers": f"; one buffer has to save {UNIFIED_MARGIN:.0%}",
}


def label(settings: ComputeSettings, stage: StageName) -> str:
    """Return the settings, as far as a stage changes them."""
    flash = "flash" if settings.flash_attention else "plain"
    threads = f"{settings.threads}/{settings.batch_threads} threads"
    buffers = "one buffer" if settings.kv_unified else "a buffer each"
    micro = f"{settings.micro_batch} tokens"
    match stage:
        case "threads":
            return threads
        case "layout":
            return f"{flash} attention, {settings.kv_type}"
        case "buffers":
            return buffers
        case "micro_batch":
            return micro
        case "final":
            return f"{threads}, {flash}, {settings.kv_type}, {buffers}, {micro}"


def reason(stage: Stage) -> str:
    """Why the chosen settings were chosen."""
    first, chosen = stage.trials[0].settings, label(stage.chosen, stage.name)
    if len(stage.trials) == 1:
        return f"{chosen}: nothing was found that is faster"
    if stage.chosen == first:
        also = _ALSO.get(stage.name, "")
        return f"{chosen} stays: nothing saves {MARGIN:.0%} of the time{also}"
    gain = _gain(stage, first)
    return f"{chosen}: {gain:.0%} less time than {label(first, stage.name)}" if gain else chosen


def _gain(stage: Stage, first: ComputeSettings) -> float | None:
    """Return the share of the time that the chosen settings save; None if it was not measured."""
    trials = {trial.settings: trial for trial in stage.trials}
    figures = FIGURES[stage.name]
    before = _cost(trials.get(first), tuple(part for figure in figures for part in figure))
    if len(figures) == 1:
        after = _cost(trials.get(stage.chosen), figures[0])
    else:
        counts = (stage.chosen.threads, stage.chosen.batch_threads)
        ran = [next((t for t in stage.trials if _threads(t) == (n, n)), None) for n in counts]
        costs = [_cost(trial, figure) for trial, figure in zip(ran, figures, strict=True)]
        after = sum(c for c in costs if c) if all(costs) else None
    return 1 - after / before if before and after else None


def _threads(trial: Trial) -> tuple[int, int]:
    return trial.settings.threads, trial.settings.batch_threads


def _cost(trial: Trial | None, parts: tuple[str, ...]) -> float | None:
    if trial is None or trial.failure or not trial.samples:
        return None
    return cost(trial.timings, tuple(part for part in PARTS if part in parts))
