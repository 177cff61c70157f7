"""What `bench.http` finds out, and how it is shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from bench.environment import Environment
from bench.histogram import Latencies, Percentiles
from bench.openloop import Outcome
from bench.report import table
from bench.resident import Memory

CHAT, ECHO, HEALTH = "POST /v1/chat", "FastAPI echo", "GET /health"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One target at one rate, all rounds together.

    `round_p50_ms` has one median for each round; `lateness` is the generator's own delay, which is
    part of every latency.
    """

    target: str
    rate: float
    latency: Percentiles
    lateness: Percentiles
    round_p50_ms: list[float]
    failures: dict[str, int]
    per_second: float
    histogram: str


class Ratio(msgspec.Struct, frozen=True):
    """`/v1/chat` against the echo: the median over the rounds of p50 / p50, and its range."""

    rate: float
    median: float
    least: float
    most: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    environment: Environment
    fdatasync_ms: float
    rounds: int
    seconds: float
    rows: list[Row]
    ratios: list[Ratio]
    memory_before: list[Memory]
    memory_after: list[Memory]


def summarize(target: str, rate: float, outcomes: Sequence[Outcome]) -> Row:
    """Take the rounds of one target together."""
    merged = Latencies(outcome.latency for outcome in outcomes)
    failures: dict[str, int] = {}
    for outcome in outcomes:
        for name, count in outcome.failures.items():
            failures[name] = failures.get(name, 0) + count
    return Row(
        target=target,
        rate=rate,
        latency=merged.percentiles(),
        lateness=Latencies(outcome.lateness for outcome in outcomes).percentiles(),
        round_p50_ms=[Latencies([outcome.latency]).percentiles().p50_ms for outcome in outcomes],
        failures=failures,
        per_second=round(statistics.median(outcome.per_second for outcome in outcomes), 1),
        histogram=merged.encode(),
    )


def compare(rate: float, rows: Sequence[Row]) -> Ratio:
    """Set chat against the echo, round by round."""
    by_target = {row.target: row.round_p50_ms for row in rows}
    ratios = [c / e for c, e in zip(by_target[CHAT], by_target[ECHO], strict=True)]
    return Ratio(
        rate, *(round(r, 2) for r in (statistics.median(ratios), min(ratios), max(ratios)))
    )


def tables(result: Result) -> str:
    """Return the result for people."""
    head = ["ms", "rate", "n", "failed", "p50", "p90", "p99", "max", "p50 of rounds", "late p99"]
    rows = [
        [
            row.target,
            f"{row.rate:g}/s",
            row.latency.count,
            sum(row.failures.values()),
            row.latency.p50_ms,
            row.latency.p90_ms,
            row.latency.p99_ms,
            row.latency.max_ms,
            f"{min(row.round_p50_ms):.2f} to {max(row.round_p50_ms):.2f}",
            row.lateness.p99_ms,
        ]
        for row in result.rows
    ]
    ratios = [[f"{r.rate:g}/s", r.median, f"{r.least:.2f} to {r.most:.2f}"] for r in result.ratios]
    memory = [
        [after.name, after.processes, before.rss_mb, after.rss_mb, after.pss_mb]
        for before, after in zip(result.memory_before, result.memory_after, strict=True)
    ]
    machine = result.environment
    return "\n\n".join(
        (
            f"{machine.cpu}, {machine.cores} cores, load {machine.load_average[0]:.2f} before, "
            f"Python {machine.python}, fdatasync {result.fdatasync_ms:.2f} ms",
            table(head, rows),
            table(["chat / echo at p50", "median", "rounds"], ratios),
            table(["memory in MB", "processes", "RSS before", "RSS after", "PSS after"], memory),
        )
    )
