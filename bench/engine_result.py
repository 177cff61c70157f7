"""Samples of several servers over several rounds, as numbers and as a table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from bench.environment import Environment
from bench.report import table
from bench.workloads import CACHED, RATE, Samples


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one server: percentiles of all rounds' samples.

    `ratio` is the median over the rounds of the server's median to that of the first server
    in the same round, turned around for times, so that above 1 the first server is better; with
    its range.
    """

    workload: str
    figure: str
    server: str
    samples: int
    p50: float
    p90: float
    p99: float
    ratio: float
    ratio_low: float
    ratio_high: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they were measured on."""

    environment: Environment
    model: str
    rounds: int
    parallel: int
    context_length: int
    servers: dict[str, list[str]]
    rows: list[Row]


def rows(workload: str, rounds: Sequence[Mapping[str, Samples]]) -> list[Row]:
    """Sum up the rounds of one workload; the first server is what the others are compared with."""
    servers = list(rounds[0])
    found = []
    for figure in rounds[0][servers[0]]:
        for server in servers:
            pooled = [value for one in rounds for value in one[server][figure]]
            ratios = [
                _ratio(figure, one[servers[0]][figure], one[server][figure]) for one in rounds
            ]
            p50, p90, p99 = (float(np.percentile(pooled, p)) for p in (50, 90, 99))
            row = Row(
                workload=workload,
                figure=figure,
                server=server,
                samples=len(pooled),
                p50=p50,
                p90=p90,
                p99=p99,
                ratio=statistics.median(ratios),
                ratio_low=min(ratios),
                ratio_high=max(ratios),
            )
            found.append(row)
    return found


def tables(result: Result) -> str:
    """For people."""
    return tables_of(result.rows)


def tables_of(found: Sequence[Row]) -> str:
    """Return rows as a table."""
    head = ("workload", "figure", "server", "n", "p50", "p90", "p99", "ratio", "range")
    lines = [
        (
            *(row.workload, row.figure, row.server, row.samples, row.p50, row.p90, row.p99),
            *(row.ratio, f"{row.ratio_low:.2f} to {row.ratio_high:.2f}"),
        )
        for row in found
    ]
    return table(head, lines)


def _ratio(figure: str, ours: Sequence[float], theirs: Sequence[float]) -> float:
    one, other = statistics.median(ours), statistics.median(theirs)
    more_is_better = figure in (RATE, CACHED)
    top, bottom = (one, other) if more_is_better else (other, one)
    return top / bottom if bottom else float("inf")
