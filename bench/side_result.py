"""What `bench.side_by_side` finds out: figures of each column, and the native stream's ratios.

A pair is the same questions asked of all columns one after the other, so whatever else the machine
does meets all of them; a ratio is taken inside of a pair, and the median of all pairs counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import msgspec

from bench.dialogue import Heard, tokens_per_second
from bench.environment import Environment
from bench.report import percentile, table

FIRST, GAP, RATE = "first text ms", "longest gap ms", "tok/s"
CPU = "CPU ms an answer"
# Of the native stream's median to that of completions; with more, somebody waits for the program.
LIMITS = {FIRST: 1.25, GAP: 2.0}
Samples = dict[str, list[float]]
Pair = Mapping[str, Samples]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one column, over all pairs."""

    column: str
    figure: str
    samples: int
    p50: float
    p90: float


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """The first column's figure to that of another one.

    Attributes:
        to: the other column.
        figure: what is compared; more is better of tokens a second alone.
        median: of all pairs.
        low: the least median of a round,
        high: and the greatest.
        pairs: the ratios of all pairs, in their order.
    """

    to: str
    figure: str
    median: float
    low: float
    high: float
    pairs: list[float]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """All figures with so many clients and such prompts.

    `left_out` are questions that a column answered without the model.
    """

    clients: int
    prompts: str
    left_out: int
    figures: list[Figure]
    ratios: list[Ratio]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, and what it was measured on."""

    environment: Environment
    model: str
    rounds: int
    max_tokens: int
    columns: dict[str, str]
    cells: list[Cell]
    too_slow: list[str]


def by_model(heard: Mapping[str, Sequence[Heard]]) -> dict[str, list[Heard]]:
    """Return the answers, column by column, to the questions that the model answered in all.

    Args:
        heard: the answers of each column, to the same questions in the same order.
    """
    asked = list(zip(*heard.values(), strict=True))
    kept = [at for at, answers in enumerate(asked) if all(one.tokens for one in answers)]
    return {column: [answers[at] for at in kept] for column, answers in heard.items()}


def samples(heard: Sequence[Heard], cpu_s: Mapping[str, float]) -> Samples:
    """Return the figures of answers, and of the CPU that each process spent on all of them."""
    cpu = {f"{name} {CPU}": [1000 * spent / len(heard)] for name, spent in cpu_s.items()}
    return {
        FIRST: [1000 * one.first_s for one in heard],
        GAP: [1000 * max(one.gaps_s) for one in heard if one.gaps_s],
        RATE: [tokens_per_second(heard)],
        "tokens": [float(one.tokens) for one in heard],
        "prompt tokens": [float(one.prompt_tokens) for one in heard],
        "of them kept": [float(one.cached_tokens) for one in heard],
        **cpu,
    }


def cell_of(
    clients: int, prompts: str, rounds: Sequence[Sequence[Pair]], left_out: int = 0
) -> Cell:
    """Sum up the pairs of all rounds; the first column is compared with the others."""
    pairs = [pair for one in rounds for pair in one]
    first, *others = pairs[0]
    figures = [
        _figure(column, name, [value for pair in pairs for value in pair[column].get(name, ())])
        for name in pairs[0][first]
        for column in (first, *others)
        if name in pairs[0][column]
    ]
    ratios = [
        _ratio(first, other, name, rounds)
        for other in others
        for name in (FIRST, GAP, RATE)
        if any(_are_compared(pair, first, other, name) for pair in pairs)
    ]
    return Cell(clients=clients, prompts=prompts, left_out=left_out, figures=figures, ratios=ratios)


def told(clients: int, prompts: str, pairs: Sequence[Pair]) -> str:
    """Return the ratios of one round in a line."""
    ratios = cell_of(clients, prompts, [pairs]).ratios if pairs else []
    each = (f"{ratio.figure} {ratio.median:.2f} x {ratio.to}" for ratio in ratios)
    return f"{clients} clients, {prompts}: {', '.join(each)}"


def too_slow(cells: Sequence[Cell], to: str) -> list[str]:
    """Return which limits the ratios to a column pass, in words.

    Raises:
        ValueError: there is a limit for what was not measured.
    """
    found = []
    for cell in cells:
        by_figure = {ratio.figure: ratio.median for ratio in cell.ratios if ratio.to == to}
        for figure, limit in LIMITS.items():
            if figure not in by_figure:
                raise ValueError(f"{figure} was not compared with {to}")
            if by_figure[figure] > limit:
                found.append(
                    f"{cell.clients} clients, {cell.prompts}: {figure} is {by_figure[figure]:.2f} "
                    f"times that of {to}, at most {limit:g}"
                )
    return found


def tables(result: Result) -> str:
    """Return all figures, then all ratios, for people."""
    machine = result.environment
    head = ("clients", "prompts", "figure", "column", "n", "p50", "p90")
    figures = [
        (cell.clients, cell.prompts, f.figure, f.column, f.samples, f.p50, f.p90)
        for cell in result.cells
        for f in cell.figures
    ]
    ratios = [
        (cell.clients, cell.prompts, r.figure, r.to, len(r.pairs), r.median, _range(r))
        for cell in result.cells
        for r in cell.ratios
    ]
    compared = ("clients", "prompts", "native to", "column", "pairs", "median", "rounds")
    parts = [
        f"{machine.cpu}, {machine.cores} cores, load {machine.load_average[0]:.2f} before, "
        f"{result.model}",
        "\n".join(f"{name}: {how}" for name, how in result.columns.items()),
        table(head, figures),
        table(compared, ratios),
    ]
    return "\n\n".join([*parts, *result.too_slow])


def _figure(column: str, name: str, values: Sequence[float]) -> Figure:
    return Figure(
        column=column,
        figure=name,
        samples=len(values),
        p50=percentile(values, 0.5) if values else 0.0,
        p90=percentile(values, 0.9) if values else 0.0,
    )


def _ratio(first: str, other: str, figure: str, rounds: Sequence[Sequence[Pair]]) -> Ratio:
    by_round = [
        [
            statistics.median(pair[first][figure]) / statistics.median(pair[other][figure])
            for pair in one
            if _are_compared(pair, first, other, figure)
        ]
        for one in rounds
    ]
    pairs = [ratio for one in by_round for ratio in one]
    medians = [statistics.median(one) for one in by_round if one]
    return Ratio(
        to=other,
        figure=figure,
        median=statistics.median(pairs),
        low=min(medians),
        high=max(medians),
        pairs=pairs,
    )


def _are_compared(pair: Pair, first: str, other: str, figure: str) -> bool:
    """Return whether both columns have a figure: an answer in one piece has no gap."""
    return bool(pair[first][figure] and pair[other][figure])


def _range(ratio: Ratio) -> str:
    return f"{ratio.low:.2f} to {ratio.high:.2f}"
