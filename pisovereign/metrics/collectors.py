"""Series that are read when they are asked for, and the form in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from pisovereign.engine_client.types import EngineStatistics

_GAUGES = (
    ("inference_queue_requests", "Requests that wait for the engine", "queue"),
    ("inference_active_requests", "Answers being computed", "active"),
    ("inference_slots", "Answers that can be computed at once", "slots"),
    ("inference_batch_occupancy", "Answers in a computed batch, on average", "batch_occupancy"),
    ("inference_prefill_speed", "Prompt tokens a second", "prefill_tokens_per_second"),
    ("inference_decode_speed", "Answer tokens a second", "decode_tokens_per_second"),
    ("inference_cache_bytes", "Memory of remembered conversations", "cache_bytes"),
    ("inference_cache_entries", "Remembered conversations", "cache_entries"),
)
_COUNTERS = (
    ("inference_cache_hits", "Uses of a remembered conversation", "cache_hits"),
    ("inference_queue_seconds", "Time that requests waited for the engine", "queue_seconds"),
)


def engine_series(figures: EngineStatistics | None) -> Iterator[Metric]:
    """The series of the engine; only whether it is well, when it is another's or is away."""
    if figures is None:
        return
    for name, text, field in _GAUGES:
        yield GaugeMetricFamily(name, text, value=getattr(figures, field))
    for name, text, field in _COUNTERS:
        yield CounterMetricFamily(name, text, value=getattr(figures, field))


def health_series(healthy: bool) -> Metric:
    """Whether the model answers."""
    return GaugeMetricFamily("inference_healthy", "1 if the model answers", value=int(healthy))


class Reading(Collector):
    """Series that were read already, with whole bounds of buckets as they are documented: `100`."""

    def __init__(self, series: Sequence[Metric]) -> None:
        self._series = series

    def collect(self) -> Iterator[Metric]:
        """Hand them on."""
        for metric in self._series:
            for sample in metric.samples:
                if "le" in sample.labels:
                    sample.labels["le"] = sample.labels["le"].removesuffix(".0")
            yield metric
