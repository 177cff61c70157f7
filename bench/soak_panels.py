"""What the picture of a long run shows: the curves of its panels."""

from __future__ import annotations

from collections.abc import Sequence

from bench.report import percentile
from bench.soak_judge import Call
from bench.soak_samples import Sample

Curves = dict[str, list[tuple[float, float]]]
"""Points by the name of the curve; x is in minutes."""


def panels(samples: Sequence[Sample], calls: Sequence[Call]) -> dict[str, Curves]:
    """Return the curves of the picture by the title of their panel."""
    names = sorted({name for sample in samples for name in sample.processes})

    def of(what: str) -> Curves:
        return {
            name: [
                (s.at_s / 60, float(getattr(s.processes[name], what)))
                for s in samples
                if name in s.processes
            ]
            for name in names
        }

    last = samples[-1].tables
    largest = sorted(last, key=lambda name: last[name].size)[-7:]
    disk = {
        name: [(s.at_s / 60, s.tables[name].size / 1e6) for s in samples if name in s.tables]
        for name in largest
    }
    folders = {
        name: [(s.at_s / 60, s.folders.get(name, 0) / 1e6) for s in samples]
        for name in samples[-1].folders
    }
    return {
        "Memory of their own, MB": of("own_mb"),
        "Open handles": of("handles"),
        "Threads": of("threads"),
        "Largest tables, MB": disk,
        "Folders, MB": dict(sorted(folders.items(), key=lambda pair: -pair[1][-1][1])[:6]),
        "Latency of a minute, ms": _latencies(calls),
    }


def _latencies(calls: Sequence[Call]) -> Curves:
    minutes: dict[int, list[float]] = {}
    for call in calls:
        minutes.setdefault(int(call.at_s // 60), []).append(1000 * call.seconds)
    return {
        name: [(minute + 0.5, percentile(minutes[minute], share)) for minute in sorted(minutes)]
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }
