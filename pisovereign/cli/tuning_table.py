"""What the tuner measured and chose, as a page for people."""

from __future__ import annotations

from collections.abc import Iterator

from pisovereign.engine.tuning.explain import TITLES, label, reason
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import Stage
from pisovereign.engine.tuning.trials import Trial
from pisovereign.engine.tuning.workload_mix import MIX, Part, cost
from pisovereign.supervisor.tuned import Tuned

_COLUMNS: dict[Part, str] = {
    "reading": "read",
    "one_short": "1 short",
    "one_long": "1 long",
    "all_short": "{n} short",
    "all_long": "{n} long",
}


def describe(tuned: Tuned) -> str:
    """The whole page."""
    return "\n".join(_lines(tuned))


def _lines(tuned: Tuned) -> Iterator[str]:
    board, build = tuned.subject.board, tuned.subject.build
    yield f"{tuned.subject.model} on {board.cpu}, {board.cores} cores, {board.memory_gib} GiB"
    yield f"llama-cpp-python {build.version}; measured in {tuned.seconds:.0f} s"
    yield "Tokens a second; short: a conversation begins, long: after hundreds of tokens."
    work = ", ".join(f"{MIX[p]} {_COLUMNS[p].format(n=tuned.subject.sequences)}" for p in MIX)
    yield f"mix: seconds for tokens read and steps written: {work}."
    for report in tuned.reports:
        yield from _report(report)
    yield ""
    choice = tuned.choice
    yield f"Waiting threads: {tuned.waiting}."
    yield f"Weights: {tuned.weights}."
    yield (
        f"Chosen: {label(choice.settings, 'final')}, {choice.wait_policy} waiting, "
        f"weights: {choice.weights}."
    )


def _report(report: Report) -> Iterator[str]:
    yield ""
    yield f"With {report.choice.wait_policy} waiting:"
    for stage in report.stages:
        yield ""
        yield f"  {TITLES[stage.name]}"
        yield from _table(stage, report.sequences)
        yield f"  -> {reason(stage)}."
    if not report.complete:
        yield "  The time was over before the end."


def _table(stage: Stage, sequences: int) -> Iterator[str]:
    """One row for each trial; a star marks the chosen one."""
    heads = [name.format(n=sequences) for name in _COLUMNS.values()]
    width = max(len(label(trial.settings, stage.name)) for trial in stage.trials)
    yield f"    {'':{width}}" + "".join(f"{head:>9}" for head in [*heads, "mix", "runs"])
    for trial in stage.trials:
        mark = "*" if trial.settings == stage.chosen else " "
        name = label(trial.settings, stage.name)
        yield f"  {mark} {name:{width}}{_cells(trial, sequences)}"


def _cells(trial: Trial, sequences: int) -> str:
    if trial.failure:
        return f"  cannot be used: {trial.failure}"
    timings = trial.timings
    rates = [_rate(timings.get(part), part, sequences) for part in MIX]
    whole = f"{cost(timings):.2f}" if timings.keys() >= MIX.keys() else "-"
    runs = max(map(len, trial.samples.values()), default=0)
    return "".join(f"{cell:>9}" for cell in [*rates, whole, str(runs)])


def _rate(seconds: float | None, part: Part, sequences: int) -> str:
    """Tokens a second, of all sequences together."""
    if not seconds:
        return "-"
    rate = (sequences if part.startswith("all") else 1) / seconds
    return f"{rate:.0f}" if rate >= 20 else f"{rate:.1f}"
