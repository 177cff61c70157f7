"""Latencies in HdrHistogram: microseconds inside, milliseconds outside, three digits exact."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from hdrh.histogram import HdrHistogram

LONGEST_US = 120_000_000


class Percentiles(msgspec.Struct, frozen=True):
    """A distribution in a few numbers, in milliseconds."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Latencies:
    """Recorded times; can be sent to another process as text and merged there."""

    def __init__(self, encoded: Iterable[str] = ()) -> None:
        self._histogram = HdrHistogram(1, LONGEST_US, 3)
        for text in encoded:
            self._histogram.decode_and_add(text.encode("ascii"))

    def record(self, seconds: float) -> None:
        """Add one time; less than a microsecond counts as one."""
        self._histogram.record_value(min(max(1, round(seconds * 1e6)), LONGEST_US))

    def encode(self) -> str:
        """HdrHistogram's own compressed form, in base64; any of its tools reads it."""
        return str(self._histogram.encode().decode("ascii"))

    def percentiles(self) -> Percentiles:
        """Return the numbers that are quoted."""
        p50, p90, p99 = (
            self._histogram.get_value_at_percentile(p) / 1000 for p in (50.0, 90.0, 99.0)
        )
        return Percentiles(
            self._histogram.get_total_count(), p50, p90, p99, self._histogram.get_max_value() / 1000
        )
