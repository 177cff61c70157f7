"""Measurements and choices of the tuner, as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from pisovereign.engine.tuning.explain import TITLES, label, reason
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import Stage, last_final
from pisovereign.engine.tuning.trials import Trial
from pisovereign.engine.tuning.workload import MIX, Part, cost
from pisovereign.supervisor.tuning_results import TuningResult, how_sure

_COLUMNS: dict[Part, str] = {
    "reading": "read",
    "one_short": "1 short",
    "one_long": "1 long",
    "all_short": "{n} short",
    "all_long": "{n} long",
}


def whole(tuned: TuningResult) -> Iterator[str]:
    """Yield every measurement, and why each setting was chosen, in lines of text."""
    board, build = tuned.subject.board, tuned.subject.build
    yield f"{tuned.subject.model} on {board.cpu}, {board.cores} cores, {board.memory_gib} GiB"
    yield f"llama-cpp-python {build.version}; measured in {tuned.seconds:.0f} s"
    yield "Tokens a second; short: a conversation begins, long: after hundreds of tokens."
    work = ", ".join(f"{MIX[p]} {_COLUMNS[p].format(n=tuned.subject.sequences)}" for p in MIX)
    yield f"mix: seconds for tokens read and steps written: {work}; medians of the rounds."
    for report in tuned.reports:
        yield from _report(report)
    yield ""
    yield from _chosen(tuned)


def choice(tuned: TuningResult) -> Iterator[str]:
    """Yield the choice with the figures that decided at last, in lines of text."""
    report = tuned.reports[0] if tuned.reports else None
    final = last_final(report.stages) if report else None
    if report and final:
        yield f"Tokens a second, and seconds of the tuner's mix; {TITLES['final'].lower()}:"
        yield from _table(final, report.sequences)
    yield from _chosen(tuned)


def _chosen(tuned: TuningResult) -> Iterator[str]:
    yield f"Weights: {tuned.weights}."
    yield f"Chosen: {label(tuned.choice, 'final')}, weights: {tuned.choice.weights}."
    yield from how_sure(tuned)


def _report(report: Report) -> Iterator[str]:
    for stage in report.stages:
        yield ""
        yield f"  {TITLES[stage.name]}"
        yield from _table(stage, report.sequences)
        yield f"  -> {reason(stage)}."


def _table(stage: Stage, sequences: int) -> Iterator[str]:
    """Yield one row for each trial; a star marks the chosen one."""
    heads = [name.format(n=sequences) for name in _COLUMNS.values()]
    width = max(len(label(trial.choice, stage.name)) for trial in stage.trials)
    columns = "".join(f"{head:>9}" for head in [*heads, "mix"])
    yield f"    {'':{width}}{columns}{'range':>15}{'runs':>6}{'quiet':>6}"
    for trial in stage.trials:
        mark = "*" if trial.choice == stage.chosen else " "
        name = label(trial.choice, stage.name)
        yield f"  {mark} {name:{width}}{_cells(trial, sequences)}"


def _cells(trial: Trial, sequences: int) -> str:
    if trial.failure:
        return f"  cannot be used: {trial.failure}"
    timings = trial.timings
    rates = [_rate(timings.get(part), part, sequences) for part in MIX]
    span = trial.range
    whole = f"{cost(timings):.2f}" if span else "-"
    ends = f"{span[0]:.2f} - {span[1]:.2f}" if span else "-"
    cells = "".join(f"{cell:>9}" for cell in [*rates, whole])
    return f"{cells}{ends:>15}{trial.rounds:>6}{trial.quiet_rounds:>6}"


def _rate(seconds: float | None, part: Part, sequences: int) -> str:
    """Format tokens per second, of all sequences together."""
    if not seconds:
        return "-"
    rate = (sequences if part.startswith("all") else 1) / seconds
    return f"{rate:.0f}" if rate >= 20 else f"{rate:.1f}"
