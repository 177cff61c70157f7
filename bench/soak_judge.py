"""What a long run has to hold: no growth, no leak, and the end as fast as the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from bench.report import percentile
from bench.soak_samples import Sample

GROWTH_MB_PER_HOUR = 0.5
SLOWER = 1.2
_LEAST_POINTS = 8
_LEAST_CALLS = 50
HANDLES = 3
"""So many more handles or threads of a process at the end are no leak: pools breathe."""
# Rows of these come by themselves, and have a bound that a run of two hours can reach.
BOUNDED = {
    "audit_entries": "retention.audit_entries",
    "approvals": "retention.approvals",
    "events": "events.keep",
}


class Call(msgspec.Struct, frozen=True):
    """One thing that was done: when it began, and how many seconds it took."""

    kind: str
    at_s: float
    seconds: float
    status: int

    @property
    def failed(self) -> bool:
        """Whether there was no answer, or one that tells of a fault."""
        return self.status >= 500 or self.status == 0


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion: what was measured, and whether it holds; None: too little to tell."""

    criterion: str
    measured: float | None
    limit: float
    holds: bool | None


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the median of all slopes between two points (Theil-Sen): outliers do not count."""
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for n, earlier in enumerate(points)
        for later in points[n + 1 :]
        if later[0] > earlier[0]
    ]
    return median(slopes) if slopes else 0.0


def judge(
    samples: Sequence[Sample], calls: Sequence[Call], *, warmup_s: float, bounds: dict[str, int]
) -> list[Verdict]:
    """Return what holds.

    Args:
        samples: In the order of time.
        calls: What was done.
        warmup_s: What came before does not count.
        bounds: Rows that each table of `BOUNDED` may have.
    """
    warm = [sample for sample in samples if sample.at_s >= warmup_s]
    names = sorted({name for sample in warm for name in sample.processes if name != "others"})
    verdicts = [_growth(name, warm) for name in names]
    verdicts += [_leak(name, warm, what) for name in names for what in ("handles", "threads")]
    verdicts += [_rows(table, warm, bounds[table]) for table in BOUNDED if table in bounds]
    verdicts.append(_speed(calls, warmup_s))
    verdicts.append(_verdict("failed calls", sum(call.failed for call in calls), 0))
    return verdicts


def _verdict(criterion: str, measured: float | None, limit: float) -> Verdict:
    holds = None if measured is None else measured <= limit
    return Verdict(criterion=criterion, measured=measured, limit=limit, holds=holds)


def _growth(name: str, warm: Sequence[Sample]) -> Verdict:
    points = [
        (sample.at_s / 3600, sample.processes[name].own_mb / sample.processes[name].processes)
        for sample in warm
        if name in sample.processes
    ]
    enough = len(points) >= _LEAST_POINTS
    grown = round(slope(points), 2) if enough else None
    return _verdict(f"{name}: growth of a process in MB an hour", grown, GROWTH_MB_PER_HOUR)


def _leak(name: str, warm: Sequence[Sample], what: str) -> Verdict:
    there = [s.processes[name] for s in warm if name in s.processes]
    counts = [getattr(held, what) / held.processes for held in there]
    third = len(counts) // 3
    more = None
    if third:
        more = round(median(counts[-third:]) - median(counts[:third]), 1)
    return _verdict(f"{name}: more {what} of a process at the end", more, HANDLES)


def _rows(table: str, warm: Sequence[Sample], most: int) -> Verdict:
    rows = [sample.tables[table].live for sample in warm if table in sample.tables]
    last = max(rows[-3:]) if rows else None
    return _verdict(f"{table}: rows, of {BOUNDED[table]}", last, most)


def windows(calls: Sequence[Call], warmup_s: float) -> tuple[list[float], list[float]]:
    """Return the seconds of calls of the first and the last hour, or third, after the warm-up."""
    if not calls:
        return [], []
    end = max(call.at_s for call in calls)
    length = min(3600.0, (end - warmup_s) / 3)
    first = [c.seconds for c in calls if warmup_s <= c.at_s < warmup_s + length]
    last = [c.seconds for c in calls if c.at_s >= end - length]
    return first, last


def _speed(calls: Sequence[Call], warmup_s: float) -> Verdict:
    first, last = windows(calls, warmup_s)
    ratio = None
    if min(len(first), len(last)) >= _LEAST_CALLS:
        ratio = round(percentile(last, 0.99) / max(percentile(first, 0.99), 1e-6), 2)
    return _verdict("p99 of the last hour over that of the first", ratio, SLOWER)
