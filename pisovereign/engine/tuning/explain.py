"""Why a stage ended as it did, in words."""

from __future__ import annotations

from pisovereign.engine.compute_settings import EngineChoice
from pisovereign.engine.tuning.search import FIGURES, Stage, StageName, most_threads
from pisovereign.engine.tuning.trials import (
    ACTIVE_MARGIN,
    MARGIN,
    Q8_0_MARGIN,
    UNIFIED_MARGIN,
    WEIGHTS_MARGIN,
    Trial,
    relative,
)

TITLES: dict[StageName, str] = {
    "threads": "Threads, for one answer and for several or prompts, and how they wait",
    "layout": "Attention and KV cache",
    "buffers": "KV buffers",
    "micro_batch": "Micro-batch",
    "weights": "Weights",
    "final": "All together, against the settings before and other threads and attention",
}


_ALSO: dict[StageName, str] = {
    "threads": f"; active waiting has to save {ACTIVE_MARGIN:.0%}",
    "layout": f", or q8_0 {Q8_0_MARGIN:.0%}",
    "buffers": f"; one buffer has to save {UNIFIED_MARGIN:.0%}",
    "weights": f"; q8_0 has to save {WEIGHTS_MARGIN:.0%}",
}


def label(choice: EngineChoice, stage: StageName) -> str:
    """Return the choice, as far as a stage changes it."""
    settings = choice.settings
    flash = "flash" if settings.flash_attention else "plain"
    threads = f"{settings.threads}/{settings.batch_threads} threads"
    if most_threads(settings) > 1:
        threads += f" {choice.wait_policy}"
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
        case "weights":
            return "as q8_0" if choice.weights == "q8_0" else "as in the file"
        case "final":
            return f"{threads}, {flash}, {settings.kv_type}, {buffers}, {micro}"


def reason(stage: Stage) -> str:
    """Why the chosen settings were chosen."""
    first, chosen = stage.trials[0].choice, label(stage.chosen, stage.name)
    if len(stage.trials) == 1:
        return f"{chosen}: nothing was found that is faster"
    if stage.chosen == first:
        also = _ALSO.get(stage.name, "")
        return f"{chosen} stays: nothing saves {MARGIN:.0%} of the time{also}"
    gain = _gain(stage)
    return f"{chosen}: {gain:.0%} less time than {label(first, stage.name)}" if gain else chosen


def _gain(stage: Stage) -> float | None:
    """Return the share of the time that the choice saves, as it was decided; None: not measured."""
    first = stage.trials[0]
    figures = FIGURES[stage.name]
    counts = (stage.chosen.settings.threads, stage.chosen.settings.batch_threads)
    if len(figures) == 1:
        ran = [next((t for t in stage.trials if t.choice == stage.chosen), None)]
    else:
        ran = [_of_threads(stage, count) for count in counts]
    shares = list[float]()
    weights = list[float]()
    for trial, figure in zip(ran, figures, strict=True):
        if trial is None or not trial.rounds or not first.rounds:
            return None
        shares.append(relative(trial, first, figure))
        weights.append(sum(first.round_cost(index, figure) for index in range(first.rounds)))
    return 1 - sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)


def _of_threads(stage: Stage, count: int) -> Trial | None:
    """Return the trial in which the chosen way of waiting ran with a number of threads."""
    waits = stage.chosen.wait_policy
    return next(
        (
            trial
            for trial in stage.trials
            if trial.settings.threads == trial.settings.batch_threads == count
            and (trial.choice.wait_policy == waits or count == 1)
        ),
        None,
    )
