"""The counts of all workers together."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from pisovereign.telemetry.multiprocess import VARIABLE

Labels = Mapping[str, str]


class Totals:
    """One reading of everything that was counted, by all workers since the server's start."""

    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for metric in metrics
            for sample in metric.samples
        }

    def since(self, before: Totals) -> Totals:
        """Return what was counted between another reading and this one; gauges make no sense."""
        difference = Totals([])
        difference._samples = {
            key: max(0.0, value - before._samples.get(key, 0.0))
            for key, value in self._samples.items()
        }
        return difference

    def value(self, name: str, **labels: str) -> float:
        """Return one sample; 0 before it was counted for the first time."""
        return self._samples.get((name, frozenset(labels.items())), 0.0)

    def sum(self, name: str) -> float:
        """Return the sum of all samples of this name, whatever their labels."""
        return sum(value for (found, _), value in self._samples.items() if found == name)

    def matching(self, name: str, **labels: str) -> float:
        """Return the sum of all samples of this name that have these labels among theirs."""
        wanted = set(labels.items())
        return sum(
            value
            for (found, there), value in self._samples.items()
            if found == name and wanted <= there
        )

    def mean(self, histogram: str) -> float:
        """Return the mean of what a histogram without labels has seen; 0 before the first value."""
        count = self.value(f"{histogram}_count")
        return self.value(f"{histogram}_sum") / count if count else 0.0

    def quantile(self, histogram: str, fraction: float) -> float:
        """Return the value below which `fraction` of a histogram's values lie; 0 before the first.

        Interpolated inside its bucket, as Prometheus' `histogram_quantile` does.
        """
        found = sorted(
            (float(dict(labels)["le"]), value)
            for (name, labels), value in self._samples.items()
            if name == f"{histogram}_bucket"
        )
        if not found or not found[-1][1]:
            return 0.0
        bounds, counts = zip(*found, strict=True)
        rank = fraction * counts[-1]
        bounds = (0.0, *bounds[:-1], bounds[-2])  # there is nothing above the last finite bound
        for (low, high), before, upto in zip(
            itertools.pairwise(bounds), (0.0, *counts), counts, strict=False
        ):
            if upto >= rank and upto > before:
                return float(low + (high - low) * (rank - before) / (upto - before))
        return 0.0


def read_totals(registry: CollectorRegistry) -> Totals:
    """Add up what all workers counted; without a folder for it, this process' own counts."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return Totals(list(registry.collect()))
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return Totals(list(together.collect()))
